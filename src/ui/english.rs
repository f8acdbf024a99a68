//! An event in English, for files and programs: what kprov said in another language is put back.

use crate::event::{Event, Failure, Kind, Outcome};
use crate::text::english;

pub fn event(event: &Event) -> Event {
    let mut event = event.clone();
    match &mut event.kind {
        Kind::RunStarted { lanes, .. } => {
            for (_, title) in lanes.iter_mut().flat_map(|lane| &mut lane.steps) {
                translate(title);
            }
        }
        Kind::StepWaiting { reason, .. } => translate(reason),
        Kind::StepAdvice { advice, hints, .. } => {
            translate(advice);
            hints.iter_mut().for_each(translate);
        }
        Kind::StepOutput { line, .. } => translate(line),
        Kind::StepFinished { outcome, .. } => match outcome {
            Outcome::Unchanged { reason }
            | Outcome::Changed { reason }
            | Outcome::Pending { reason }
            | Outcome::Skipped { reason } => {
                translate(reason);
            }
            Outcome::Failed(failure) => translate_failure(failure),
            Outcome::NotReached { because } => translate(because),
        },
        Kind::StepStarted { .. } | Kind::StepProgress { .. } | Kind::RunFinished { .. } => {}
    }
    event
}

fn translate_failure(failure: &mut Failure) {
    translate(&mut failure.message);
    translate(&mut failure.host);
    for text in failure.last_lines.iter_mut().chain(&mut failure.hints) {
        translate(text);
    }
}

fn translate(text: &mut String) {
    *text = english(text);
}
