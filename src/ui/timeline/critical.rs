//! Which steps made a run as long as it was.

use std::collections::HashMap;

use super::{Gap, Span, Timeline};
use crate::event::StepId;

/// Fills in the critical path and its gaps: from the step that ended last back to the one that
/// each waited for.
pub fn find(timeline: &mut Timeline) {
    let path = path(&timeline.spans);
    let gaps = gaps(&path, timeline.wall_ms);
    // A step may release another before it ends, as the first machine that boots does; from then on it counts no more.
    let released = path.iter().skip(1).map(|span| span.start_ms);
    timeline.critical_ms = path
        .iter()
        .zip(released.chain([u64::MAX]))
        .map(|(span, next)| span.end_ms.min(next).saturating_sub(span.start_ms))
        .sum();
    timeline.critical = path.iter().map(|span| span.step.clone()).collect();
    timeline.gaps = gaps;
}

fn path(spans: &[Span]) -> Vec<&Span> {
    let by_step: HashMap<&StepId, usize> = spans
        .iter()
        .enumerate()
        .map(|(at, span)| (&span.step, at))
        .collect();
    let mut path: Vec<&Span> = Vec::new();
    let mut next = (0..spans.len()).max_by_key(|&at| spans[at].end_ms);
    while let Some(at) = next {
        let span = &spans[at];
        // Events that contradict each other must not make an endless path.
        if path.iter().any(|seen| seen.step == span.step) {
            break;
        }
        path.push(span);
        next = waited_for(spans, &by_step, at);
    }
    path.reverse();
    path
}

/// What a step began after: the step of another lane that released it, if that ended later than
/// the step before it in its own lane; else that one.
fn waited_for(spans: &[Span], by_step: &HashMap<&StepId, usize>, at: usize) -> Option<usize> {
    let span = &spans[at];
    let before = at
        .checked_sub(1)
        .filter(|&before| spans[before].step.lane == span.step.lane);
    let other = span
        .released_by
        .as_ref()
        .and_then(|step| by_step.get(step))
        .copied();
    match (before, other) {
        (Some(before), Some(other)) if spans[other].end_ms <= spans[before].end_ms => Some(before),
        (before, other) => other.or(before),
    }
}

fn gaps(path: &[&Span], wall_ms: u64) -> Vec<Gap> {
    let begin = std::iter::once((None, 0));
    let ends = path.iter().map(|span| (Some(span.step.clone()), span.end_ms));
    let starts = path.iter().map(|span| (Some(span.step.clone()), span.start_ms));
    let end = std::iter::once((None, wall_ms));
    begin
        .chain(ends)
        .zip(starts.chain(end))
        .map(|((after, from), (before, to))| Gap {
            after,
            before,
            ms: to.saturating_sub(from),
        })
        .filter(|gap| gap.ms > 0 && (gap.after.is_some() || gap.before.is_some()))
        .collect()
}
