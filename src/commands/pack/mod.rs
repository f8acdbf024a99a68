//! `kprov pack`: everything that a cluster needs in one file, for rooms without the internet.

use std::path::Path;

use crate::artifact::{Entry, Pack, Watch};
use crate::cli::{Format, Global, PackCommand};
use crate::error::{Exit, Result};
use crate::t;
use crate::transport::Cancel;
use crate::ui::{Meter, Screen};

mod create;
mod machine_box;
mod serve;

pub(super) fn run(global: &Global, command: &PackCommand, screen: &Screen, cancel: &Cancel) -> Result<Exit> {
    match command {
        PackCommand::Create(options) => create::run(global, options, screen, cancel),
        PackCommand::List { pack } => list(global, pack, screen, cancel),
        PackCommand::Verify { pack } => verify(pack, screen, cancel),
        PackCommand::Serve(options) => serve::run(options, screen, cancel),
    }
}

fn list(global: &Global, path: &Path, screen: &Screen, cancel: &Cancel) -> Result<Exit> {
    let pack = Pack::open(path, &|| cancel.is_cancelled())?;
    match global.format {
        Format::Json => {
            let text = serde_json::json!({ "kubernetes": pack.kubernetes(), "files": pack.all() });
            screen.data(&format!("{text:#}\n"))?;
        }
        Format::Text => {
            let mut text = t!("packs.for-kubernetes", version = pack.kubernetes()) + "\n";
            for entry in pack.all() {
                text += &line(entry);
            }
            let bytes = pack.all().iter().map(|entry| entry.size).sum();
            text += &t!("packs.sum", files = pack.all().len(), size = size(bytes));
            screen.data(&format!("{text}\n"))?;
        }
    }
    Ok(Exit::Done)
}

fn line(entry: &Entry) -> String {
    let arch = entry.arch.as_deref().unwrap_or("-");
    let what = if entry.images.is_empty() {
        let provider = entry.provider.as_ref().map(|provider| format!("({provider})"));
        let words = [Some(entry.name.clone()), entry.version.clone(), provider];
        words.into_iter().flatten().collect::<Vec<_>>().join(" ")
    } else {
        entry.images.join(", ")
    };
    format!(
        "{:<11} {arch:<6} {:>10}  {what}\n",
        entry.kind.as_str(),
        size(entry.size)
    )
}

fn verify(path: &Path, screen: &Screen, cancel: &Cancel) -> Result<Exit> {
    let stop = || cancel.is_cancelled();
    let pack = Pack::open(path, &stop)?;
    pack.check(true, &stop)?;
    // Of a served one everything is fetched, and checked as it comes.
    let all: Vec<&Entry> = pack.all().iter().collect();
    let meter = Meter::new(screen, &path.display().to_string());
    pack.fetch(
        &all,
        &mut Watch {
            stop: &stop,
            progress: &mut |done, total| meter.show(done, total),
        },
    )?;
    drop(meter);
    let number = pack.all().len();
    screen.say(&t!("packs.verified", path = path.display(), number = number));
    Ok(Exit::Done)
}

/// A number of bytes for people.
fn size(bytes: u64) -> String {
    indicatif::HumanBytes(bytes).to_string()
}
