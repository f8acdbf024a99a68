//! `kprov verify`: proves that the cluster works.

use super::lab::{Lab, random};
use super::reports::{self, Wanted};
use super::runner;
use crate::cli::{Format, Global, Vantage, Verify};
use crate::engine::Options;
use crate::error::{Error, Exit, Result};
use crate::plan::verify::{Choice, From, Settings, Subject};
use crate::plan::{self, Plan};
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
    let choice = Choice {
        only: options.only.clone(),
        skip: options.skip.clone(),
    };
    let settings = Settings {
        keep: options.keep,
        seconds: options.timeout,
        from: options.from.map(|from| match from {
            Vantage::Workstation => From::Workstation,
            Vantage::Nodes => From::Nodes,
        }),
        ..settings()
    };
    let plan = chosen(&Subject::of(&lab.spec), &settings, &choice)?;
    if options.list {
        return list(&plan, global, screen);
    }
    lab.need_state()?;
    prove(&plan, &settings, &lab, global, &wanted, screen, cancel)
}

/// Proves the core of a cluster that was made or changed just now.
pub(super) fn core(lab: &Lab, global: &Global, screen: &Screen, cancel: &Cancel) -> Result<Exit> {
    let settings = settings();
    let mut plan = plan::verify::plan(&Subject::of(&lab.spec), &settings)?;
    plan::verify::select(&mut plan, &Choice::core());
    prove(&plan, &settings, lab, global, &Wanted::default(), screen, cancel)
}

fn settings() -> Settings {
    Settings {
        run: format!("{:08x}", random() >> 32),
        ..Settings::default()
    }
}

/// The plan with the checks that are wanted.
fn chosen(subject: &Subject, settings: &Settings, choice: &Choice) -> Result<Plan> {
    let mut plan = plan::verify::plan(subject, settings)?;
    if let Some(check) = plan::verify::unknown(&plan, choice) {
        return Err(Error::usage(t!("cli.unknown-check", check = check)).hint(t!("cli.unknown-check-hint")));
    }
    plan::verify::select(&mut plan, choice);
    Ok(plan)
}

fn list(plan: &Plan, global: &Global, screen: &Screen) -> Result<Exit> {
    let text = match global.format {
        Format::Text => plan::to_text(plan),
        Format::Json => format!("{:#}\n", serde_json::Value::from(plan::verify::to_json(plan))),
    };
    screen.data(&text)?;
    Ok(Exit::Done)
}

/// Verifies a cluster and shows the report.
fn prove(
    plan: &Plan,
    settings: &Settings,
    lab: &Lab,
    global: &Global,
    wanted: &Wanted,
    screen: &Screen,
    cancel: &Cancel,
) -> Result<Exit> {
    let ran = runner::run(plan, lab, global, Options::default(), screen, cancel)?;
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
        if settings.keep {
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
