//! `kprov verify`: proves that the cluster works.

use std::path::Path;
use std::time::Duration;

use super::foreign;
use super::lab::{Lab, random};
use super::lesson;
use super::reports::{self, Wanted};
use super::{alive, power, runner};
use crate::cli::{Format, Global, Vantage, Verify};
use crate::engine::Options;
use crate::error::{Error, Exit, Result};
use crate::names::NodeName;
use crate::plan::verify::{Choice, From, Settings, Subject};
use crate::plan::{self, Plan};
use crate::spec::{Labs, ReadError, read_labs};
use crate::t;
use crate::transport::Cancel;
use crate::ui::report::Report;
use crate::ui::{self, Screen};

pub(super) fn run(global: &Global, options: &Verify, screen: &Screen, cancel: &Cancel) -> Result<Exit> {
    if options.schema {
        screen.data(ui::report::SCHEMA)?;
        return Ok(Exit::Done);
    }
    let wanted = Wanted::new(&options.report)?;
    let (lab, subject) = if let Some(file) = &options.kubeconfig {
        foreign::open(file, cancel)?
    } else {
        let lab = Lab::open(global, screen, cancel)?;
        let subject = Subject::of(&lab.spec);
        (lab, subject)
    };
    if options.explain {
        lab.need_state()?;
        return lesson::run(&lab, &subject, global, screen, cancel);
    }
    let choice = Choice {
        only: options.only.clone(),
        skip: options.skip.clone(),
    };
    let settings = Settings {
        keep: options.keep,
        seconds: options.timeout,
        disruptive: options.disruptive,
        from: options.from.map(|from| match from {
            Vantage::Workstation => From::Workstation,
            Vantage::Nodes => From::Nodes,
        }),
        ..settings()
    };
    let mut plan = chosen(&subject, &settings, &choice)?;
    let labs = options
        .grade
        .as_deref()
        .map(|file| labs(file, &plan))
        .transpose()?;
    if let Some(labs) = &labs {
        plan::verify::add_labs(&mut plan, labs, &subject);
    }
    // Or it would end as if something had been proven.
    if plan::verify::nothing_left(&plan, &choice) {
        return Err(nothing_left(&choice));
    }
    if options.list {
        return list(&plan, global, screen);
    }
    lab.need_state()?;
    power::bring_back(&lab, &subject, global, screen, cancel)?;
    let _alone = options
        .disruptive
        .then(|| lab.workdir.lock("verify --disruptive"))
        .transpose()?;
    let what = What {
        plan: &plan,
        node: &subject.kubectl,
        settings: &settings,
        wanted: &wanted,
        labs: labs.as_ref(),
    };
    let (mut exit, mut report) = prove(&what, &lab, global, screen, cancel)?;
    while let Some(seconds) = options.watch {
        screen.say(&t!("cli.watch-next", seconds = seconds));
        if cancel.sleep(Duration::from_secs(seconds)) {
            break;
        }
        // Another namespace each time.
        let settings = Settings {
            run: self::settings().run,
            ..settings.clone()
        };
        let mut plan = chosen(&subject, &settings, &choice)?;
        if let Some(labs) = &labs {
            plan::verify::add_labs(&mut plan, labs, &subject);
        }
        let what = What {
            plan: &plan,
            settings: &settings,
            ..what
        };
        let before = report;
        (exit, report) = prove(&what, &lab, global, screen, cancel)?;
        tell_changes(&before, &report, screen);
    }
    Ok(exit)
}

/// Which checks came out another way than the time before.
fn tell_changes(before: &Report, after: &Report, screen: &Screen) {
    let mut same = true;
    for row in &after.rows {
        let old = before.rows.iter().find(|old| old.check == row.check);
        if let Some(old) = old.filter(|old| old.mark != row.mark) {
            let (before, after) = (old.mark.word(), row.mark.word());
            let (check, seen) = (&row.check, &row.seen);
            screen.say(&t!(
                "cli.watch-changed",
                check = check,
                before = before,
                after = after,
                seen = seen
            ));
            same = false;
        }
    }
    if same {
        screen.say(&t!("cli.watch-same"));
    }
}

/// Proves the core of a cluster that was made or changed just now.
pub(super) fn core(lab: &Lab, global: &Global, screen: &Screen, cancel: &Cancel) -> Result<Exit> {
    let settings = settings();
    let subject = Subject::of(&lab.spec);
    let mut plan = plan::verify::plan(&subject, &settings)?;
    plan::verify::select(&mut plan, &Choice::core());
    let what = What {
        plan: &plan,
        node: &subject.kubectl,
        settings: &settings,
        wanted: &Wanted::default(),
        labs: None,
    };
    prove(&what, lab, global, screen, cancel).map(|(exit, _)| exit)
}

/// What is proven, and how it is told.
#[derive(Clone, Copy)]
struct What<'a> {
    plan: &'a Plan,
    /// Where kubectl runs.
    node: &'a NodeName,
    settings: &'a Settings,
    wanted: &'a Wanted,
    labs: Option<&'a Labs>,
}

/// An instructor's file; all its mistakes are the message of the error.
fn labs(file: &Path, plan: &Plan) -> Result<Labs> {
    let names: Vec<String> = plan
        .outline()
        .iter()
        .flat_map(|lane| lane.steps.iter().map(|(step, _)| step.to_string()))
        .collect();
    match read_labs(file, &names, &|name| plan::verify::knows(plan, name)) {
        Ok(labs) => Ok(labs),
        Err(ReadError::File(error)) => Err(error),
        // The screen takes the colour away where it does not belong.
        Err(ReadError::Diagnostics(problems)) => Err(Error::usage(problems.render(true))),
    }
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
        let all = Settings {
            disruptive: true,
            ..settings.clone()
        };
        if plan::verify::knows(&plan::verify::plan(subject, &all)?, check) {
            return Err(Error::usage(t!("verify.only-disruptive", check = check))
                .hint(t!("verify.only-disruptive-hint")));
        }
        let meant = plan::verify::meant(&plan, check).map(|near| t!("usage.did-you-mean", words = near));
        let error = Error::usage(t!("cli.unknown-check", check = check));
        let error = meant.into_iter().fold(error, Error::hint);
        return Err(error.hint(t!("cli.unknown-check-hint")));
    }
    plan::verify::select(&mut plan, choice);
    Ok(plan)
}

fn nothing_left(choice: &Choice) -> Error {
    let [only, skip] = [&choice.only, &choice.skip].map(|words| words.join(","));
    let error = Error::usage(if only.is_empty() {
        t!("verify.all-skipped", skip = skip)
    } else {
        t!("verify.only-skipped", only = only, skip = skip)
    });
    error.hint(t!("verify.only-skipped-hint"))
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
    what: &What,
    lab: &Lab,
    global: &Global,
    screen: &Screen,
    cancel: &Cancel,
) -> Result<(Exit, Report)> {
    let settings = what.settings;
    let run = || runner::run(what.plan, lab, global, Options::default(), screen, cancel);
    let ran = if plan::verify::makes_namespace(what.plan) {
        alive::during(lab, what.node, &settings.namespace(), run)
    } else {
        run()
    }?;
    let mut report = ui::report::Report::from_events(&ran.events).with_commands(what.plan);
    if let Some(labs) = what.labs {
        report = report.graded(labs);
    }
    let proof = reports::proof(lab, &ran, report);
    let report = &proof.report;
    if global.format == Format::Json {
        // The last line, after those of the events.
        let mut value = proof.to_value();
        value["event"] = "report".into();
        screen.data(&format!("{value}\n"))?;
    }
    let exit = ran.exit(Exit::Verification);
    if global.format == Format::Text && exit == Exit::Interrupted {
        screen.say(&report.made().to_text(screen.columns()));
        screen.note(&t!("engine.interrupted"));
    } else if global.format == Format::Text {
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
    what.wanted.write(&proof, lab, &ran, screen)?;
    Ok((exit, proof.report))
}
