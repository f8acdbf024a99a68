//! Whether the clocks of nodes agree, measured over SSH.

use std::time::{Duration, Instant, SystemTime};

use crate::engine::Unreachable;
use crate::names::NodeName;
use crate::t;
use crate::transport::{Cancel, Hearer, Transport};

/// How far two clocks may be apart.
const APART: f64 = 1.0;
/// Questions to each node: the one that is answered soonest says most.
const QUESTIONS: usize = 3;

/// By how many seconds a node's clock is ahead of this computer's: at least and at most.
#[derive(Debug, Clone, Copy)]
struct Ahead {
    least: f64,
    most: f64,
}

/// Asks every node for its time. The answer was right at some moment between question and answer, so each clock is
/// known up to the time that the fastest answer took.
///
/// # Errors
/// Which two clocks differ, or which node does not say its time.
pub(super) fn compare(
    nodes: &[NodeName],
    connect: impl Fn(&NodeName) -> Result<Box<dyn Transport>, Unreachable> + Sync,
    cancel: &Cancel,
) -> Result<String, String> {
    let measured: Vec<Result<Ahead, String>> = std::thread::scope(|scope| {
        let threads: Vec<_> = nodes
            .iter()
            .map(|node| scope.spawn(|| measure(node, &connect, cancel)))
            .collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, _>| {
            thread.join().unwrap_or_else(|_| Err(String::new()))
        };
        threads.into_iter().map(join).collect()
    });
    let measured = measured.into_iter().collect::<Result<Vec<Ahead>, String>>()?;
    judge(nodes, &measured)
}

/// Whether all of them can be within a second of each other.
fn judge(nodes: &[NodeName], measured: &[Ahead]) -> Result<String, String> {
    let mut most: Option<(f64, &NodeName, &NodeName)> = None;
    for (fast, at) in nodes.iter().zip(measured) {
        for (slow, other) in nodes.iter().zip(measured) {
            let apart = at.least - other.most;
            if apart > most.map_or(APART, |(worst, ..)| worst) {
                most = Some((apart, fast, slow));
            }
        }
    }
    if let Some((seconds, fast, slow)) = most {
        let seconds = format!("{seconds:.1}");
        return Err(t!(
            "verify.clocks-apart",
            fast = fast,
            slow = slow,
            seconds = seconds
        ));
    }
    let doubt = measured.iter().map(|it| it.most - it.least).fold(0.0, f64::max);
    let doubt = format!("{doubt:.2}");
    Ok(t!("verify.clocks-agree", count = nodes.len(), doubt = doubt))
}

fn measure(
    node: &NodeName,
    connect: impl Fn(&NodeName) -> Result<Box<dyn Transport>, Unreachable>,
    cancel: &Cancel,
) -> Result<Ahead, String> {
    let silent = |reason: String| t!("verify.clock-silent", node = node, reason = reason);
    let mut session = connect(node).map_err(|why| silent(why.to_string()))?;
    let mut best: Option<Ahead> = None;
    for _ in 0..QUESTIONS {
        let mut said = Said(String::new());
        let (began, asked) = (Instant::now(), now());
        session
            .exec("date +%s.%N\n", None, &mut said, cancel)
            .map_err(|why| silent(why.to_string()))?;
        let took = began.elapsed();
        let time: f64 = said.0.trim().parse().map_err(|_| silent(said.0.clone()))?;
        let answered = (asked + took).as_secs_f64();
        let ahead = Ahead {
            least: time - answered,
            most: time - asked.as_secs_f64(),
        };
        if best.is_none_or(|best| ahead.most - ahead.least < best.most - best.least) {
            best = Some(ahead);
        }
    }
    best.ok_or_else(|| silent(String::new()))
}

fn now() -> Duration {
    SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default()
}

/// The last line that was said.
struct Said(String);

impl Hearer for Said {
    fn line(&mut self, line: &str) {
        line.clone_into(&mut self.0);
    }

    fn progress(&mut self, _: u64, _: u64) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes() -> Vec<NodeName> {
        ["a", "b", "c"].map(|name| NodeName::new(name).unwrap()).to_vec()
    }

    fn ahead(least: f64, most: f64) -> Ahead {
        Ahead { least, most }
    }

    #[test]
    fn clocks_that_may_agree_are_not_blamed() {
        let measured = [ahead(-0.3, 0.1), ahead(0.5, 1.2), ahead(-0.4, 0.0)];
        assert!(judge(&nodes(), &measured).is_ok());
    }

    #[test]
    fn the_two_that_differ_most_are_named() {
        let measured = [ahead(0.0, 0.1), ahead(600.0, 600.1), ahead(-2.0, -1.9)];
        let said = judge(&nodes(), &measured).unwrap_err();
        assert!(
            said.contains('b') && said.contains('c') && said.contains("601.9"),
            "{said}"
        );
    }
}
