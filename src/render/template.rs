//! Templates, and the rule that nothing stands in one unquoted.

use std::io::{self, Write};

use tera::{Context, Kwargs, State, Tera, Value};

use super::quote;
use crate::error::{Error, Result};
use crate::t;

/// Fills the placeholders of `template`; `name` is its path below `templates/`, for error messages.
///
/// Every string goes through one of two filters, `ruby` or `yaml`, which write it in quotes. One without is
/// an error, so no template can forget it. Numbers stand as they are.
///
/// # Errors
/// When the template does not fit the context, which is a mistake in kprov.
pub fn text(name: &str, template: &str, context: &Context) -> Result<String> {
    let mut tera = Tera::new();
    // Every name ends in "": tera escapes in all templates, and escaping is what refuses a bare string.
    tera.autoescape_on([""]);
    tera.set_escape_fn(refuse);
    tera.register_filter("ruby", |text: &str, _: Kwargs, _: &State| {
        Value::safe_string(&quote::ruby(text))
    });
    tera.register_filter("yaml", |text: &str, _: Kwargs, _: &State| {
        Value::safe_string(&quote::yaml(text))
    });
    tera.add_raw_template(name, template)
        .and_then(|()| tera.render(name, context))
        .map_err(|error| Error::step(t!("render.template", template = name)).cause(&error))
}

fn refuse(_: &str, _: &mut dyn Write) -> io::Result<()> {
    Err(io::Error::other(
        "a string stands without one of the filters ruby and yaml",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(template: &str) -> Result<String> {
        let mut context = Context::new();
        context.insert("name", "a\"b");
        context.insert("count", &3);
        text("test", template, &context)
    }

    #[test]
    fn filters_quote() {
        let filled = fill("{{ name | ruby }} {{ name | yaml }} {{ count }}").unwrap();
        assert_eq!(filled, r#""a\"b" "a\"b" 3"#);
    }

    #[test]
    fn a_bare_string_is_an_error() {
        for template in ["{{ name }}", "{{ name | upper }}", "{{ [name] }}"] {
            let error = fill(template).unwrap_err();
            assert!(error.message.contains("test"), "{template}: {error:?}");
            assert!(!error.causes.is_empty(), "{template}");
        }
        let error = fill("{{ name }}").unwrap_err();
        assert!(
            error
                .causes
                .iter()
                .any(|cause| cause.contains("without one of the filters")),
            "{error:?}"
        );
    }

    #[test]
    fn a_value_that_is_not_there_is_an_error() {
        assert!(fill("{{ nothing | yaml }}").is_err());
    }
}
