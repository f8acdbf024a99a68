//! A stand-in for the hosts of release files: a small HTTP server that counts, cuts, refuses and lies on demand.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use sha2::{Digest, Sha256};

/// What the server does with a file besides giving it.
#[derive(Debug, Clone, Default)]
pub struct Mood {
    /// So often it answers 503.
    pub busy: usize,
    /// So often it cuts the connection after this many bytes of an answer.
    pub cut: usize,
    pub cut_after: usize,
    /// It takes this long before it answers.
    pub slow: Duration,
    /// It sends 10 kB at a time, with this pause between.
    pub drip: Duration,
    /// It knows no ranges.
    pub whole_only: bool,
}

#[derive(Debug, Default)]
struct State {
    files: HashMap<String, Vec<u8>>,
    moods: HashMap<String, Mood>,
    /// Paths with the place in the file from which on they were asked for.
    requests: Vec<(String, u64)>,
    /// Paths that lead elsewhere.
    redirects: HashMap<String, String>,
    /// What everybody has to say below `/v2/`, and who may hear it at `/token`; nobody in particular if empty.
    guard: Option<(String, String)>,
    /// What came as `Authorization`, with the path.
    said: Vec<(String, String)>,
}

/// A running server on the loopback interface; it ends with the test program.
#[derive(Debug, Clone)]
pub struct Host {
    pub base: String,
    state: Arc<Mutex<State>>,
}

impl Host {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let host = Self {
            base,
            state: Arc::default(),
        };
        let serving = host.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let serving = serving.clone();
                // A client that hangs up in the middle is part of what is tested.
                thread::spawn(move || serving.answer(&stream).ok());
            }
        });
        host
    }

    /// Serves a file below the folder of its host, and its checksum file beside it.
    pub fn serve(&self, key: &str, content: &[u8]) {
        let mut state = self.state.lock().unwrap();
        let sum = sum_of(content);
        state
            .files
            .insert(format!("/{key}.sha256"), format!("{sum}\n").into_bytes());
        state.files.insert(format!("/{key}"), content.to_owned());
    }

    /// Serves a checksum file as `sha256sum` writes it.
    pub fn serve_list(&self, key: &str, file: &str, content: &[u8]) {
        let list = format!("{}  {file}\n", sum_of(content));
        let mut state = self.state.lock().unwrap();
        state.files.insert(format!("/{key}"), list.into_bytes());
    }

    /// Serves a file under this name alone.
    pub fn serve_plain(&self, key: &str, content: &[u8]) {
        let mut state = self.state.lock().unwrap();
        state.files.insert(format!("/{key}"), content.to_owned());
    }

    /// Answers with a redirection.
    pub fn redirect(&self, key: &str, address: &str) {
        let mut state = self.state.lock().unwrap();
        state.redirects.insert(format!("/{key}"), address.to_owned());
    }

    /// From now on everything below `/v2/` is for those who bring a token, which `/token` gives to whoever says
    /// `login` there; to all if that is empty.
    pub fn guard(&self, token: &str, login: &str) {
        self.state.lock().unwrap().guard = Some((format!("Bearer {token}"), login.to_owned()));
    }

    /// What came as `Authorization` on a path.
    pub fn said(&self, key: &str) -> Vec<String> {
        let path = format!("/{key}");
        let state = self.state.lock().unwrap();
        let of_path = state.said.iter().filter(|(asked, _)| *asked == path);
        of_path.map(|(_, said)| said.clone()).collect()
    }

    pub fn mood(&self, key: &str, mood: Mood) {
        self.state.lock().unwrap().moods.insert(format!("/{key}"), mood);
    }

    /// From which places on a file was asked for.
    pub fn asked_for(&self, key: &str) -> Vec<u64> {
        let state = self.state.lock().unwrap();
        let path = format!("/{key}");
        let of_file = state.requests.iter().filter(|(asked, _)| *asked == path);
        of_file.map(|(_, from)| *from).collect()
    }

    pub fn requests(&self) -> usize {
        self.state.lock().unwrap().requests.len()
    }

    fn answer(&self, mut stream: &TcpStream) -> std::io::Result<()> {
        let mut lines = BufReader::new(stream).lines();
        let first = lines.next().unwrap_or_else(|| Ok(String::new()))?;
        let path = first.split([' ', '?']).nth(1).unwrap_or_default().to_owned();
        let (mut from, mut said) = (0, String::new());
        for line in lines {
            let line = line?;
            if let Some((name, value)) = line.split_once(": ")
                && name.eq_ignore_ascii_case("authorization")
            {
                value.clone_into(&mut said);
            }
            let line = line.to_ascii_lowercase();
            if let Some(range) = line.strip_prefix("range: bytes=") {
                from = range.trim_end_matches('-').parse().unwrap();
            }
            if line.is_empty() {
                break;
            }
        }
        let (content, mood) = {
            let mut state = self.state.lock().unwrap();
            state.requests.push((path.clone(), from as u64));
            let mood = state.moods.entry(path.clone()).or_default();
            let now = mood.clone();
            mood.busy = mood.busy.saturating_sub(1);
            mood.cut = mood.cut.saturating_sub(1);
            (state.files.get(&path).cloned(), now)
        };
        let (redirect, guard) = {
            let mut state = self.state.lock().unwrap();
            if !said.is_empty() {
                state.said.push((path.clone(), said.clone()));
            }
            (state.redirects.get(&path).cloned(), state.guard.clone())
        };
        if path == "/token" && mood.busy > 0 {
            return empty(stream, "503 Service Unavailable");
        }
        if let Some((token, login)) = guard {
            if path == "/token" && (login.is_empty() || said == login) {
                let token = token.trim_start_matches("Bearer ");
                let text = format!("{{\"token\": \"{token}\"}}");
                let length = text.len();
                return write!(
                    stream,
                    "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{text}"
                );
            }
            if path == "/token" || (path.starts_with("/v2/") && said != token) {
                let base = &self.base;
                let ask = format!("WWW-Authenticate: Bearer realm=\"{base}/token\",service=\"stand-in\"");
                return empty(stream, &format!("401 Unauthorized\r\n{ask}"));
            }
        }
        if let Some(address) = redirect {
            return empty(stream, &format!("307 Temporary Redirect\r\nLocation: {address}"));
        }
        thread::sleep(mood.slow);
        let Some(content) = content else {
            return empty(stream, "404 Not Found");
        };
        if mood.busy > 0 {
            return empty(stream, "503 Service Unavailable");
        }
        let from = if mood.whole_only { 0 } else { from };
        if from > 0 && from >= content.len() {
            return empty(stream, "416 Range Not Satisfiable");
        }
        let (all, rest) = (content.len(), &content[from..]);
        let head = if from > 0 {
            format!(
                "206 Partial Content\r\nContent-Range: bytes {from}-{}/{all}",
                all - 1
            )
        } else {
            "200 OK".to_owned()
        };
        let length = rest.len();
        write!(
            stream,
            "HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        )?;
        let sent = if mood.cut > 0 {
            rest.len().min(mood.cut_after)
        } else {
            rest.len()
        };
        for piece in rest[..sent].chunks(if mood.drip.is_zero() { usize::MAX } else { 10_000 }) {
            stream.write_all(piece)?;
            thread::sleep(mood.drip);
        }
        stream.shutdown(Shutdown::Both)
    }
}

fn empty(mut stream: &TcpStream, status: &str) -> std::io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )?;
    stream.shutdown(Shutdown::Both)
}

pub fn sum_of(content: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(content)
        .iter()
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
