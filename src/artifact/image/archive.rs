//! An image as one stream: a tar in the OCI's layout that `docker load` reads as well. The same image is always the
//! same bytes.

use std::collections::{HashSet, VecDeque};
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::PathBuf;

use serde_json::json;

use super::manifest::Descriptor;

/// What of the image goes into the archive.
pub(in crate::artifact) struct Layout {
    /// The image's whole name.
    pub name: String,
    /// The document that the name stands for.
    pub root: Descriptor,
    /// The config's digest, and those of the layers from the lowest up.
    pub config: String,
    pub layers: Vec<String>,
    /// All files by their sums: documents, config, layers.
    pub blobs: Vec<(String, PathBuf)>,
}

/// The archive, read from its files as it goes.
pub struct Archive {
    parts: VecDeque<Part>,
    open: Option<Box<dyn Read + Send>>,
    size: u64,
}

enum Part {
    Bytes(Vec<u8>),
    File(PathBuf, u64),
}

/// Tar files come in blocks.
const BLOCK: u64 = 512;

impl Archive {
    pub(in crate::artifact) fn new(layout: &Layout) -> io::Result<Self> {
        let mut archive = Self {
            parts: VecDeque::new(),
            open: None,
            size: 0,
        };
        let blob = |digest: &String| format!("blobs/{}", digest.replace(':', "/"));
        let index = json!({
            "schemaVersion": 2,
            "manifests": [{
                "mediaType": layout.root.media_type,
                "digest": layout.root.digest,
                "size": layout.root.size,
                "annotations": { "io.containerd.image.name": layout.name },
            }],
        });
        // A digest is no tag that docker takes.
        let tags: Vec<&str> = if layout.name.contains('@') {
            vec![]
        } else {
            vec![&layout.name]
        };
        let docker = json!([{
            "Config": blob(&layout.config),
            "RepoTags": tags,
            "Layers": layout.layers.iter().map(blob).collect::<Vec<_>>(),
        }]);
        archive.text("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#)?;
        archive.text("index.json", &index.to_string())?;
        archive.text("manifest.json", &docker.to_string())?;
        let mut seen = HashSet::new();
        for (sum, path) in &layout.blobs {
            if seen.insert(sum) {
                let size = path.metadata()?.len();
                archive.entry(
                    &format!("blobs/sha256/{sum}"),
                    size,
                    Part::File(path.clone(), size),
                )?;
            }
        }
        archive.push(Part::Bytes(vec![0; 2 * 512]));
        Ok(archive)
    }

    /// How many bytes it has in all.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    fn text(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.entry(name, text.len() as u64, Part::Bytes(text.as_bytes().to_vec()))
    }

    fn entry(&mut self, name: &str, size: u64, content: Part) -> io::Result<()> {
        let mut header = tar::Header::new_ustar();
        header.set_path(name)?;
        header.set_size(size);
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_entry_type(tar::EntryType::Regular);
        header.set_cksum();
        self.push(Part::Bytes(header.as_bytes().to_vec()));
        self.push(content);
        let odd = usize::try_from(size % BLOCK).unwrap_or(0);
        if odd > 0 {
            self.push(Part::Bytes(vec![0; 512 - odd]));
        }
        Ok(())
    }

    fn push(&mut self, part: Part) {
        self.size += match &part {
            Part::Bytes(bytes) => bytes.len() as u64,
            Part::File(_, size) => *size,
        };
        self.parts.push_back(part);
    }
}

impl Read for Archive {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(open) = &mut self.open {
                let read = open.read(buffer)?;
                if read > 0 || buffer.is_empty() {
                    return Ok(read);
                }
            }
            self.open = match self.parts.pop_front() {
                None => return Ok(0),
                Some(Part::Bytes(bytes)) => Some(Box::new(Cursor::new(bytes))),
                // Never more than the header says, whatever became of the file.
                Some(Part::File(path, size)) => Some(Box::new(File::open(path)?.take(size))),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_tar_of_the_said_size_with_every_file_once() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, content: &[u8]| {
            std::fs::write(dir.path().join(name), content).unwrap();
            (name.repeat(64), dir.path().join(name))
        };
        let (a, b) = (file("a", b"config"), file("b", &[7; 1024]));
        let layout = Layout {
            name: "k8s.gcr.io/pause:3.2".to_owned(),
            root: Descriptor::new("application/x", &a.0, 6),
            config: format!("sha256:{}", a.0),
            layers: vec![format!("sha256:{}", b.0); 2],
            blobs: vec![a.clone(), b.clone(), b.clone()],
        };
        let mut bytes = Vec::new();
        let mut archive = Archive::new(&layout).unwrap();
        let size = archive.size();
        archive.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes.len() as u64, size);
        let mut tar = tar::Archive::new(bytes.as_slice());
        let mut names = Vec::new();
        for entry in tar.entries().unwrap() {
            let mut entry = entry.unwrap();
            let name = entry.path().unwrap().to_string_lossy().into_owned();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            if name.ends_with(&b.0) {
                assert_eq!(content, [7; 1024]);
            }
            if name == "manifest.json" {
                let text = String::from_utf8(content).unwrap();
                assert!(text.contains("\"RepoTags\":[\"k8s.gcr.io/pause:3.2\"]"), "{text}");
            }
            names.push(name);
        }
        let blob = |sum: &str| format!("blobs/sha256/{sum}");
        assert_eq!(
            names,
            [
                "oci-layout",
                "index.json",
                "manifest.json",
                &blob(&a.0),
                &blob(&b.0)
            ]
        );
    }
}
