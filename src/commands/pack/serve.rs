//! `kprov pack serve`: one computer of the room has the pack, the others fetch from it.

use std::net::{IpAddr, SocketAddr};

use crate::artifact::Server;
use crate::cli::PackServe;
use crate::commands::supplies;
use crate::error::{Exit, Result};
use crate::t;
use crate::transport::Cancel;
use crate::ui::Screen;

pub(super) fn run(options: &PackServe, screen: &Screen, cancel: &Cancel) -> Result<Exit> {
    let pack = supplies::checked_pack(&options.pack, cancel)?;
    let server = Server::bind(&pack, options.listen, &|| cancel.is_cancelled())?;
    let commands: Vec<String> = addresses(options.listen.ip())
        .into_iter()
        .map(|ip| {
            let address = SocketAddr::new(ip, server.port());
            format!("  kprov up --pack 'http://{address}/#{}'", server.mark())
        })
        .collect();
    screen.data(&format!(
        "{}\n{}\n",
        t!(
            "packs.serving",
            version = pack.kubernetes(),
            files = pack.all().len()
        ),
        commands.join("\n")
    ))?;
    let hear = |who: SocketAddr, path: &str, status: u16| {
        if screen.verbosity() > 0 {
            screen.note(&format!("{} {status} {}", who.ip(), path.escape_debug()));
        }
    };
    server.run(&|| cancel.is_cancelled(), &hear);
    Ok(Exit::Done)
}

/// The addresses at which others find a server: its own, or all of this computer's where it listens on all.
fn addresses(listen: IpAddr) -> Vec<IpAddr> {
    if !listen.is_unspecified() {
        return vec![listen];
    }
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let mut own: Vec<IpAddr> = interfaces
        .into_iter()
        .filter(|interface| !interface.is_loopback())
        .map(|interface| interface.ip())
        .filter(IpAddr::is_ipv4)
        .collect();
    own.sort();
    if own.is_empty() {
        vec![IpAddr::from([127, 0, 0, 1])]
    } else {
        own
    }
}
