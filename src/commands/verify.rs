//! `kprov verify`: proves that the cluster works.

use super::lab::{Lab, random};
use super::reports::{self, Wanted};
use super::runner;
use crate::cli::{Format, Global, Verify};
use crate::engine::Options;
use crate::error::{Exit, Result};
use crate::plan;
use crate::plan::verify::Settings;
use crate::t;
use crate::transport::Cancel;
use crate::ui::{self, Screen};

pub(super) fn run(global: &Global, options: &Verify, screen: &Screen, cancel: &Cancel) -> Result<Exit> {
    if options.schema {
        screen.data(ui::report::SCHEMA)?;
        return Ok(Exit::Done);
    }
    let wanted = Wanted::new(&options.report)?;
    let lab = Lab::open(global, screen, cancel)?;
    lab.need_state()?;
    prove(&lab, global, options.keep, &wanted, screen, cancel)
}

/// Verifies a cluster and shows the report.
pub(super) fn prove(
    lab: &Lab,
    global: &Global,
    keep: bool,
    wanted: &Wanted,
    screen: &Screen,
    cancel: &Cancel,
) -> Result<Exit> {
    let settings = Settings {
        run: format!("{:08x}", random() >> 32),
        keep,
    };
    let plan = plan::verify::plan(&lab.spec, &settings)?;
    let ran = runner::run(&plan, lab, global, Options::default(), screen, cancel)?;
    let report = ui::report::Report::from_events(&ran.events);
    let proof = reports::proof(lab, &ran, report);
    let report = &proof.report;
    if global.format == Format::Json {
        // The last line, after those of the events.
        let mut value = proof.to_value();
        value["event"] = "report".into();
        screen.data(&format!("{value}\n"))?;
    }
    if global.format == Format::Text {
        screen.say(&report.to_text(screen.columns()));
        if keep {
            let namespace = settings.namespace();
            screen.say(&t!("cli.kept", namespace = namespace));
            let seen = |row: &&ui::report::Row| row.check.step.as_str() == "workstation";
            if let Some(row) = report.rows.iter().find(seen) {
                screen.say(&row.seen);
            }
        }
    }
    wanted.write(&proof, lab, &ran, screen)?;
    Ok(ran.exit(Exit::Verification))
}
