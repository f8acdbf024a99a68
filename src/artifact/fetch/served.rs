//! Files of a pack that another computer serves, in the store: by the sums of the pack's list.

use std::path::PathBuf;

use super::blob::{self, Blob, Meter};
use super::{Store, Watch, lock, parallel, web};
use crate::artifact::Entry;
use crate::error::{Error, Result};
use crate::t;

impl Store {
    /// The folder of the store.
    pub(in crate::artifact) fn root(&self) -> &std::path::Path {
        &self.root
    }

    /// A short text, whatever mirror there is; the error says why it cannot be had.
    pub(in crate::artifact) fn text_at(
        &self,
        address: &str,
        stop: &dyn Fn() -> bool,
    ) -> Result<String, String> {
        let bytes = web::patiently(stop, || self.web.ask(address, &[], 0)).map_err(web::Fault::why)?;
        String::from_utf8(bytes).map_err(|error| error.to_string())
    }

    /// Whether a file with that sum is there.
    pub(in crate::artifact) fn has(&self, sum: &str) -> bool {
        self.blob(sum).is_file()
    }

    /// Fetches files of a pack by their addresses, several at once.
    pub(in crate::artifact) fn fetch_served(
        &self,
        files: &[(String, &Entry)],
        watch: &mut Watch,
    ) -> Result<()> {
        let jobs: Vec<_> = files
            .iter()
            .map(|(address, entry)| (address, *entry, Meter::expecting(entry.size)))
            .collect();
        let mut tell = || {
            let done = jobs.iter().map(|(_, _, meter)| meter.done()).sum();
            (watch.progress)(done, jobs.iter().map(|(_, _, meter)| meter.total()).sum());
        };
        parallel::each(&jobs, watch.stop, &mut tell, |(address, entry, meter), stop| {
            self.take(address, entry, meter, stop)
        })
    }

    /// A file of a pack, after its sum was seen to be right. One that is missing or was damaged is fetched again.
    pub(in crate::artifact) fn served(
        &self,
        address: &str,
        entry: &Entry,
        stop: &dyn Fn() -> bool,
    ) -> Result<PathBuf> {
        let wanted = entry.sha256.to_ascii_lowercase();
        let path = self.blob(&wanted);
        let mut verified = lock(&self.verified);
        if verified.contains(&wanted) && path.is_file() {
            return Ok(path);
        }
        super::discard_if_damaged(&path, &wanted, stop)?;
        self.take(address, entry, &Meter::default(), stop)?;
        verified.insert(wanted);
        Ok(path)
    }

    fn take(&self, address: &str, entry: &Entry, meter: &Meter, stop: &dyn Fn() -> bool) -> Result<()> {
        let wanted = entry.sha256.to_ascii_lowercase();
        let blob = Blob {
            source: &|from| self.web.ask(address, &[], from),
            sum: &wanted,
            path: self.blob(&wanted),
            meter,
            stop,
        };
        blob.fetch().map_err(|failure| match failure {
            blob::Failure::Here(error) => error,
            blob::Failure::There(why) => {
                let message = t!("packs.file-not-served", address = address, reason = why);
                Error::host(message).hint(t!("packs.not-served-hint"))
            }
            blob::Failure::Wrong(found) => Error::host(t!(
                "cli.pack-damaged",
                path = address,
                expected = wanted,
                found = found
            ))
            .hint(t!("cli.pack-damaged-hint")),
        })
    }
}
