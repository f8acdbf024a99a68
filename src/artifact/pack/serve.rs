//! A pack for the room: a plain HTTP server that gives the files of one pack and nothing else.
//!
//! What may be asked for is looked up in a table of the pack's own paths, so no path leads out of it. Parts of files
//! can be asked for (RFC 9110, section 14), so that cut downloads go on.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::room::{encoded, mark};
use super::{LIST, Pack, Place};
use crate::error::{Error, Result};
use crate::t;

/// More at once are asked to come again later.
const CLIENTS: usize = 256;
/// A request that takes longer is none; a client that takes nothing for so long is gone.
const PATIENCE: Duration = Duration::from_secs(60);
/// A request's head is not longer.
const HEAD: u64 = 16 << 10;
/// Between two looks for clients and for the wish to stop.
const PAUSE: Duration = Duration::from_millis(20);

/// A server that is bound to its port.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    /// What is given, by its path in requests.
    files: HashMap<String, Given>,
    mark: String,
}

#[derive(Debug)]
enum Given {
    Text(Vec<u8>),
    File(PathBuf),
}

impl Server {
    /// Binds a port for a pack whose files were seen to be right.
    ///
    /// # Errors
    /// When a file is damaged or the address cannot be had.
    pub fn bind(pack: &Pack, address: SocketAddr, stop: &dyn Fn() -> bool) -> Result<Self> {
        let listener = TcpListener::bind(address)
            .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
            .map_err(|error| {
                Error::host(t!("packs.no-port", address = address))
                    .cause(&error)
                    .hint(t!("packs.no-port-hint"))
            })?;
        let list = match &pack.place {
            Place::Folder(dir) => std::fs::read_to_string(dir.join(LIST)),
            Place::Room(..) => toml::to_string(&pack.contents).map_err(io::Error::other),
        };
        let list = list.map_err(|error| {
            Error::host(t!("cli.pack-no-list", path = pack.origin.display())).cause(&error)
        })?;
        let mark = mark(&list);
        let mut files = HashMap::new();
        let mut index = String::new();
        for entry in pack.all() {
            let path = encoded(&entry.path);
            index.extend([&entry.sha256, "  ", path.as_str(), "\n"]);
            files.insert(format!("/{path}"), Given::File(pack.file(&entry.path, stop)?));
        }
        files.insert(format!("/{LIST}"), Given::Text(list.into_bytes()));
        files.insert("/".to_owned(), Given::Text(index.into_bytes()));
        Ok(Self {
            listener,
            files,
            mark,
        })
    }

    /// The port that it has.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.listener.local_addr().map_or(0, |address| address.port())
    }

    /// What those who fetch may put behind `#` in the address, to be sure that it is this pack.
    #[must_use]
    pub fn mark(&self) -> &str {
        &self.mark
    }

    /// Answers until it is time to stop; who is in the middle of a file then goes on with it some other time. `hear` is
    /// told of every answer: who asked, for what, and with which status.
    pub fn run(&self, stop: &dyn Fn() -> bool, hear: &(dyn Fn(SocketAddr, &str, u16) + Sync)) {
        let clients = AtomicUsize::new(0);
        let open: Mutex<HashMap<u64, TcpStream>> = Mutex::default();
        let open = || open.lock().unwrap_or_else(PoisonError::into_inner);
        thread::scope(|scope| {
            let mut number = 0;
            while !stop() {
                let Ok((stream, who)) = self.listener.accept() else {
                    thread::sleep(PAUSE);
                    continue;
                };
                number += 1;
                // Another name of the same connection, by which it can be cut.
                open().extend(stream.try_clone().ok().map(|same| (number, same)));
                let (clients, open) = (&clients, &open);
                scope.spawn(move || {
                    let busy = clients.fetch_add(1, Ordering::SeqCst) >= CLIENTS;
                    // A client that hangs up is its own business.
                    if let Ok((path, status)) = self.answer(&stream, busy) {
                        hear(who, &path, status);
                    }
                    open().remove(&number);
                    clients.fetch_sub(1, Ordering::SeqCst);
                });
            }
            for stream in open().values() {
                // One that is closed already is as well.
                let _ = stream.shutdown(Shutdown::Both);
            }
        });
    }

    fn answer(&self, stream: &TcpStream, busy: bool) -> io::Result<(String, u16)> {
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let request = Request::read(stream)?;
        let said = |status: u16| (request.path.clone(), status);
        if busy {
            head(stream, "503 Service Unavailable", 0, "Retry-After: 2\r\n")?;
            return Ok(said(503));
        }
        if !matches!(request.method.as_str(), "GET" | "HEAD") {
            head(stream, "405 Method Not Allowed", 0, "Allow: GET, HEAD\r\n")?;
            return Ok(said(405));
        }
        let Some(given) = self.files.get(&request.path) else {
            head(stream, "404 Not Found", 0, "")?;
            return Ok(said(404));
        };
        let (mut content, size): (Box<dyn ReadSeek>, u64) = match given {
            Given::Text(text) => (Box::new(io::Cursor::new(text.as_slice())), text.len() as u64),
            Given::File(path) => {
                let file = File::open(path)?;
                let size = file.metadata()?.len();
                (Box::new(file), size)
            }
        };
        let (from, to) = match request.range.as_deref().map(|range| part(range, size)) {
            Some(Some(part)) => part,
            Some(None) => {
                head(
                    stream,
                    "416 Range Not Satisfiable",
                    0,
                    &format!("Content-Range: bytes */{size}\r\n"),
                )?;
                return Ok(said(416));
            }
            None => (0, size),
        };
        let status = if request.range.is_some() {
            let range = format!("Content-Range: bytes {from}-{}/{size}\r\n", to.saturating_sub(1));
            head(stream, "206 Partial Content", to - from, &range)?;
            206
        } else {
            head(stream, "200 OK", size, "Accept-Ranges: bytes\r\n")?;
            200
        };
        if request.method == "GET" {
            content.seek(SeekFrom::Start(from))?;
            let mut stream = stream;
            io::copy(&mut content.take(to - from), &mut stream)?;
            stream.flush()?;
        }
        Ok(said(status))
    }
}

trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

struct Request {
    method: String,
    path: String,
    range: Option<String>,
}

impl Request {
    fn read(stream: &TcpStream) -> io::Result<Self> {
        let mut lines = BufReader::new(stream.take(HEAD)).lines();
        let first = lines.next().unwrap_or_else(|| Ok(String::new()))?;
        let mut words = first.split(' ');
        let mut word = || words.next().unwrap_or_default().to_owned();
        let (method, target) = (word(), word());
        let mut range = None;
        for line in lines {
            let line = line?;
            if line.is_empty() {
                let path = target.split('?').next().unwrap_or_default().to_owned();
                return Ok(Self { method, path, range });
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("range")
            {
                range = Some(value.trim().to_owned());
            }
        }
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

/// The first byte and the one after the last of `bytes=…`; nothing when there is no such part. Of several parts the
/// client gets none, which is allowed and which kprov does not ask for.
fn part(range: &str, size: u64) -> Option<(u64, u64)> {
    let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
    let (from, to) = match (from.is_empty(), to.is_empty()) {
        (true, _) => (size.saturating_sub(to.parse().ok()?), size),
        (false, true) => (from.parse().ok()?, size),
        (false, false) => (
            from.parse().ok()?,
            to.parse::<u64>().ok()?.saturating_add(1).min(size),
        ),
    };
    (from < to).then_some((from, to))
}

fn head(mut stream: &TcpStream, status: &str, length: u64, more: &str) -> io::Result<()> {
    let text = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/octet-stream\r\nContent-Length: {length}\r\n\
         X-Content-Type-Options: nosniff\r\nConnection: close\r\n{more}\r\n"
    );
    stream.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::part;

    #[test]
    fn parts_of_files() {
        for (range, expected) in [
            ("bytes=0-", Some((0, 10))),
            ("bytes=4-", Some((4, 10))),
            ("bytes=4-5", Some((4, 6))),
            ("bytes=4-99", Some((4, 10))),
            ("bytes=-3", Some((7, 10))),
            ("bytes=-99", Some((0, 10))),
            ("bytes=10-", None),
            ("bytes=5-4", None),
            ("bytes=0-1,3-4", None),
            ("bytes=-0", None),
            ("lines=1-2", None),
            ("bytes=99999999999999999999-", None),
        ] {
            assert_eq!(part(range, 10), expected, "{range}");
        }
    }
}
