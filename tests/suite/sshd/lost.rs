//! A connection that ends without an exit status is lost, never a success.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kprov::transport::{Cancel, Lost};

use super::server::{Ear, Server, exec};

#[test]
fn a_session_that_is_killed_is_lost() {
    let Some(server) = Server::start() else { return };
    let server = Arc::new(server);
    let mut session = server.connect();
    let killer = server.clone();
    let mut ear = Ear {
        on_line: Some(Box::new(move |_| killer.kill_sessions())),
        ..Ear::default()
    };
    let before = Instant::now();
    let ended = session.exec("echo begun\nsleep 20\n", None, &mut ear, &Cancel::default());
    assert!(matches!(ended, Err(Lost::Connection(_))), "{ended:?}");
    assert!(
        before.elapsed() < Duration::from_secs(15),
        "{:?}",
        before.elapsed()
    );
    // The session is of no use any more, and says so; a new one works.
    assert!(matches!(
        exec(&mut *session, "true\n", None),
        Err(Lost::Connection(_))
    ));
    let (status, _) = exec(&mut *server.connect(), "true\n", None).unwrap();
    assert_eq!(status, 0);
}

#[test]
fn a_script_that_is_ended_by_a_signal_is_no_success() {
    let Some(server) = Server::start() else { return };
    let ended = exec(&mut *server.connect(), "kill -KILL $$\n", None);
    let (status, _) = ended.unwrap();
    assert_eq!(status, 128, "libssh2 itself says 0");
}
