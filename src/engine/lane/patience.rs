//! How long a node is waited for that does not answer as it should, and what is said of it meanwhile.

use std::time::{Duration, Instant};

use crate::engine::Unreachable;
use crate::t;

/// How long a node may be silent at its own address until another way to it is tried.
const OTHERWISE: Duration = Duration::from_secs(20);
/// How long no SSH server may be there until somebody is told what to do about it; and never longer than half of the time
/// that this is waited for.
const ADVICE: Duration = Duration::from_secs(30);

/// A node that is waited for.
pub(super) struct Patience {
    /// For how long in all.
    whole: Duration,
    /// For how long while its network answers and no SSH server is there.
    server: Duration,
    since: Instant,
    /// Since when nothing but the SSH server is missing.
    without_server: Option<Instant>,
    advised: bool,
    otherwise_at: Instant,
    /// What was seen on the other way.
    otherwise: Option<String>,
    said: String,
}

/// What comes after an attempt.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing new: another attempt.
    Again,
    /// Another attempt, and this is why.
    Waiting(String),
    /// Another attempt, and somebody can do something meanwhile.
    Advice(String),
    /// It was waited for that many seconds in vain.
    Over(u64),
}

impl Patience {
    pub(super) fn new(whole: Duration, server: Duration, now: Instant) -> Self {
        Self {
            whole,
            server,
            since: now,
            without_server: None,
            advised: false,
            otherwise_at: now + OTHERWISE,
            otherwise: None,
            said: String::new(),
        }
    }

    /// Whether it is time for another way to the node than its own address.
    pub(super) fn tries_otherwise(&mut self, now: Instant) -> bool {
        let is_time = now > self.otherwise_at;
        if is_time {
            self.otherwise_at = now + OTHERWISE;
        }
        is_time
    }

    /// What was seen on the other way. The address that it leads to may be this computer's own, so it says nothing of
    /// the machine's network.
    pub(super) fn seen_otherwise(&mut self, reason: &str) {
        self.otherwise = Some(reason.to_owned());
    }

    /// What is known of the node: of one line, however many ways there are.
    pub(super) fn reason(&self, why: &Unreachable) -> String {
        match (&self.otherwise, why) {
            (Some(other), Unreachable::NotYet(own)) if other != own => {
                t!("transport.both", first = own, second = other)
            }
            _ => why.reason().to_owned(),
        }
    }

    /// What comes after an attempt that failed for this reason.
    pub(super) fn next(&mut self, why: &Unreachable, now: Instant) -> Next {
        let waited = now.duration_since(self.since);
        if let Unreachable::NothingListens { reason, .. } = why {
            let missing = now.duration_since(*self.without_server.get_or_insert(now));
            if missing > self.server {
                return Next::Over(missing.as_secs());
            }
            if !self.advised && missing >= ADVICE.min(self.server / 2) {
                self.advised = true;
                let of_server = self.server.saturating_sub(missing);
                let left = of_server.min(self.whole.saturating_sub(waited));
                return Next::Advice(t!("refused.long", reason = reason, seconds = left.as_secs()));
            }
        } else {
            // It boots: its network comes and goes.
            self.without_server = None;
        }
        if waited > self.whole {
            return Next::Over(self.whole.as_secs());
        }
        let reason = self.reason(why);
        if reason == self.said {
            return Next::Again;
        }
        self.said.clone_from(&reason);
        Next::Waiting(reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOT: Duration = Duration::from_secs(600);
    const SERVER: Duration = Duration::from_secs(240);

    fn silent() -> Unreachable {
        Unreachable::NotYet("10.0.0.5:22: it does not answer in time".to_owned())
    }

    fn without_server() -> Unreachable {
        Unreachable::NothingListens {
            reason: "nothing listens on port 22 of 10.0.0.5".to_owned(),
            hints: Vec::new(),
        }
    }

    /// What is told of a node that is tried every second and seen so, until it is over: each with its second.
    fn told(seen: impl Fn(u64) -> Unreachable) -> Vec<(u64, Next)> {
        let begun = Instant::now();
        let mut patience = Patience::new(BOOT, SERVER, begun);
        let mut told = Vec::new();
        for second in 0..1000 {
            let now = begun + Duration::from_secs(second);
            if patience.tries_otherwise(now) {
                patience.seen_otherwise("127.0.0.1:2222: it closed the connection");
            }
            let next = patience.next(&seen(second), now);
            let over = matches!(next, Next::Over(_));
            if next != Next::Again {
                told.push((second, next));
            }
            if over {
                return told;
            }
        }
        panic!("it is never over: {told:?}");
    }

    #[test]
    fn a_machine_without_an_ssh_server_is_advised_on_once_and_given_up_early() {
        let reason = "nothing listens on port 22 of 10.0.0.5";
        let told = told(|_| without_server());
        let [
            (0, Next::Waiting(first)),
            (30, Next::Advice(advice)),
            (241, Next::Over(241)),
        ] = &told[..]
        else {
            panic!("{told:?}");
        };
        assert_eq!(first, reason);
        assert!(advice.starts_with(reason) && advice.contains("210 s"), "{advice}");
    }

    #[test]
    fn a_machine_that_is_silent_is_waited_for_as_long_as_a_boot_takes_in_two_lines() {
        let own = "10.0.0.5:22: it does not answer in time";
        let both = format!("{own}; 127.0.0.1:2222: it closed the connection");
        let wanted = [
            (0, Next::Waiting(own.to_owned())),
            (21, Next::Waiting(both)),
            (601, Next::Over(600)),
        ];
        assert_eq!(told(|_| silent()), wanted);
    }

    /// Its network is there, goes with the firmware, and comes back before its SSH server does.
    #[test]
    fn a_machine_that_boots_has_not_been_without_a_server_for_long() {
        let told = told(|second| match second {
            0..200 | 260..420 => without_server(),
            _ => silent(),
        });
        let advice = told.iter().filter(|(_, next)| matches!(next, Next::Advice(_)));
        assert_eq!(advice.count(), 1, "{told:?}");
        assert_eq!(told.last(), Some(&(601, Next::Over(600))));
    }

    #[test]
    fn no_more_is_promised_than_the_whole_patience() {
        let told = told(|second| if second < 500 { silent() } else { without_server() });
        let [.., (530, Next::Advice(advice)), (601, Next::Over(600))] = &told[..] else {
            panic!("{told:?}");
        };
        assert!(advice.contains("70 s"), "{advice}");
    }
}
