//! A computer that is asked each question once: a program takes a tenth of a second and more to answer, and several
//! checks want to know the same of it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::recorded::call;
use super::{Host, Port, Said};
use crate::platform::System;

/// Remembers what programs said.
pub(super) struct Once<'a> {
    host: &'a dyn Host,
    said: Mutex<BTreeMap<String, Option<Said>>>,
}

impl<'a> Once<'a> {
    pub(super) fn new(host: &'a dyn Host) -> Self {
        Self {
            host,
            said: Mutex::new(BTreeMap::new()),
        }
    }
}

impl Host for Once<'_> {
    fn os(&self) -> System {
        self.host.os()
    }

    fn arch(&self) -> String {
        self.host.arch()
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Option<Said> {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let known = said.entry(call(program, arguments));
        known.or_insert_with(|| self.host.run(program, arguments)).clone()
    }

    fn powershell(&self, name: &str, script: &str) -> Option<Said> {
        self.host.powershell(name, script)
    }

    fn read(&self, path: &str) -> Option<String> {
        self.host.read(path)
    }

    fn env(&self, name: &str) -> Option<String> {
        self.host.env(name)
    }

    fn folder(&self) -> String {
        self.host.folder()
    }

    fn port(&self, port: u16) -> Option<Port> {
        self.host.port(port)
    }

    fn greeting(&self, host: &str, port: u16) -> Option<Said> {
        self.host.greeting(host, port)
    }

    fn holder(&self, lock: &str) -> Option<Said> {
        self.host.holder(lock)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers everything, and counts the questions.
    struct Talkative(Mutex<Vec<String>>);

    impl Host for Talkative {
        fn os(&self) -> System {
            System::Linux
        }

        fn arch(&self) -> String {
            "x86_64".to_owned()
        }

        fn run(&self, program: &str, arguments: &[&str]) -> Option<Said> {
            self.0.lock().unwrap().push(call(program, arguments));
            Some(Said {
                ok: true,
                text: "7.0.20r163906\n".to_owned(),
            })
        }

        fn powershell(&self, _: &str, _: &str) -> Option<Said> {
            None
        }

        fn read(&self, _: &str) -> Option<String> {
            None
        }

        fn env(&self, _: &str) -> Option<String> {
            None
        }

        fn folder(&self) -> String {
            "/home/student/lab".to_owned()
        }

        fn port(&self, _: u16) -> Option<Port> {
            None
        }

        fn greeting(&self, _: &str, _: u16) -> Option<Said> {
            None
        }

        fn holder(&self, _: &str) -> Option<Said> {
            None
        }
    }

    #[test]
    fn nobody_is_asked_the_same_twice() {
        let text =
            "[cluster]\nname = \"lab\"\nkubernetes = \"1.20.2\"\n[network]\nnodes = \"192.168.56.0/24\"\n";
        let spec = crate::spec::parse("cluster.toml".as_ref(), text, &crate::spec::Computer::default());
        let spec = spec.unwrap_or_else(|problems| panic!("{}", problems.render(false)));
        let host = Talkative(Mutex::new(Vec::new()));
        let _ = crate::doctor::examine(&host, &spec, crate::doctor::Depth::Full);
        let mut asked = host.0.into_inner().unwrap();
        assert!(
            asked.iter().any(|call| call == "VBoxManage --version"),
            "{asked:?}"
        );
        let all = asked.len();
        asked.sort();
        asked.dedup();
        assert_eq!(asked.len(), all, "{asked:?}");
    }
}
