//! HTML and XML from templates, everything in them escaped.

use tera::{Context, Tera, TeraResult};

const TEMPLATES: &[(&str, &str)] = &[
    ("page.css", include_str!("../../templates/page.css")),
    ("chart.html", include_str!("../../templates/chart.html")),
    ("timeline.html", include_str!("../../templates/timeline.html")),
    (
        "picture.html",
        include_str!("../../templates/report/picture.html"),
    ),
    ("report.html", include_str!("../../templates/report/report.html")),
    ("junit.xml", include_str!("../../templates/report/junit.xml")),
];

/// Fills a template of those above. Every value is escaped, whatever its template is called.
///
/// # Panics
/// Never for any values: the templates are a part of the program, and tests fill each of them.
pub fn fill(name: &str, context: &Context) -> String {
    render(name, context).expect("the template fits its values")
}

fn render(name: &str, context: &Context) -> TeraResult<String> {
    let mut tera = Tera::new();
    tera.autoescape_on([""]);
    tera.add_raw_templates(TEMPLATES.iter().copied())?;
    tera.render(name, context)
}
