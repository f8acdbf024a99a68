//! The table `[cluster]`.

use super::diagnostic::{Diagnostic, shown};
use super::document::{At, Section};
use super::version::VersionError;
use super::words::one_of;
use super::{KubernetesVersion, Provider, Runtime, labels, runtime};
use crate::names::ClusterName;
use crate::t;

/// `[cluster]` as far as it is right; what is missing here stands in the problems.
pub(super) struct Cluster {
    pub name: Option<ClusterName>,
    pub kubernetes: Option<KubernetesVersion>,
    pub provider: Option<At<Provider>>,
    pub runtime: Option<At<Runtime>>,
    pub boot_parallelism: Option<u32>,
}

/// Reads the table.
pub(super) fn read(section: &Section<'_>, problems: &mut Vec<Diagnostic>) -> Cluster {
    let name = section.text("name").and_then(|name| {
        let checked = ClusterName::new(name.value);
        labels::report("name", &name, checked, problems)
    });
    let kubernetes = section
        .text("kubernetes")
        .and_then(|text| version(&text, problems));
    let parallelism = section.whole("boot_parallelism");
    Cluster {
        name,
        kubernetes,
        provider: provider(section, problems),
        runtime: runtime::read(section, problems),
        boot_parallelism: parallelism.and_then(|count| bounded("boot_parallelism", &count, 1, 64, problems)),
    }
}

fn provider(section: &Section<'_>, problems: &mut Vec<Diagnostic>) -> Option<At<Provider>> {
    if !section.has("provider") {
        return Some(At::default_of(Provider::Auto));
    }
    let written = section.text("provider")?;
    let names: Vec<_> = Provider::ALL.iter().map(|provider| provider.name()).collect();
    let name = one_of("provider", &written, &names, problems)?;
    Provider::from_name(name).map(|provider| written.with(provider))
}

fn version(written: &At<&str>, problems: &mut Vec<Diagnostic>) -> Option<KubernetesVersion> {
    let error = match KubernetesVersion::parse(written.value) {
        Ok(version) => return Some(version),
        Err(error) => error,
    };
    let (first, last) = KubernetesVersion::supported();
    let (oldest, newest) = (format!("1.{}", first.minor), format!("1.{}", last.minor));
    let place = written.place_or(&(0..0));
    let value = shown(written.value);
    let minor = written
        .value
        .split('.')
        .nth(1)
        .and_then(|minor| minor.parse().ok());
    let too_old = minor.is_some_and(|minor: u32| minor < first.minor);
    let nearest = if too_old { &oldest } else { &newest };
    let bare = written.value.trim().trim_start_matches(['v', 'V']);
    problems.push(match error {
        VersionError::Form => {
            let fixed = KubernetesVersion::parse(bare).map_or(newest.as_str(), |_| bare);
            Diagnostic::new(
                place,
                t!("spec.version-form", value = value),
                t!("spec.version-form-here"),
            )
            .help(t!("spec.write", line = format!("kubernetes = \"{fixed}\"")))
        }
        VersionError::Range => Diagnostic::new(
            place,
            t!("spec.version-range", value = value),
            t!("spec.version-range-here", oldest = oldest, newest = newest),
        )
        .why(t!("spec.version-range-why"))
        .help(t!("spec.write", line = format!("kubernetes = \"{nearest}\""))),
    });
    None
}

/// A number that has to lie between two bounds, both allowed.
pub(super) fn bounded(
    key: &str,
    written: &At<i64>,
    least: u32,
    most: u32,
    problems: &mut Vec<Diagnostic>,
) -> Option<u32> {
    let fits = u32::try_from(written.value)
        .ok()
        .filter(|value| (least..=most).contains(value));
    if fits.is_none() {
        let nearest = written.value.clamp(least.into(), most.into());
        problems.push(
            Diagnostic::new(
                written.place_or(&(0..0)),
                t!("spec.out-of-bounds", key = key, value = written.value),
                t!("spec.out-of-bounds-here", least = least, most = most),
            )
            .help(t!("spec.write", line = format!("{key} = {nearest}"))),
        );
    }
    fits
}
