//! Asking registries of container images: mirrors first, and a token where one is wanted.

use std::collections::HashMap;
use std::sync::Mutex;

use serde::Deserialize;

use super::lock;
use super::web::{self, Fault, Reply, Web};
use crate::artifact::image::manifest;
use crate::artifact::{Logins, Reference};
use crate::t;

/// The way to all registries.
#[derive(Debug, Default)]
pub(super) struct Registries {
    /// Base addresses that are asked before the registry itself, as the nodes do it.
    pub mirrors: Vec<String>,
    pub logins: Logins,
    /// What to say of oneself, by host and repository.
    pub tokens: Mutex<HashMap<String, String>>,
}

/// One place that may have an image.
struct Place<'a> {
    /// The address below which the repository's documents and blobs are.
    base: String,
    /// What is behind the path: a mirror hears whose image it is.
    query: String,
    /// The host of the login.
    host: &'a str,
}

impl Registries {
    /// Asks once for a document or a blob (`manifests/…`, `blobs/…`) of a repository.
    pub(super) fn get(
        &self,
        web: &Web,
        image: &Reference,
        what: &str,
        from: u64,
        stop: &dyn Fn() -> bool,
    ) -> Result<Reply, Fault> {
        let (mut said, mut passes) = (Vec::new(), false);
        for place in self.places(image) {
            match self.ask(web, &place, image, what, from, stop) {
                Ok(reply) => return Ok(reply),
                Err(fault) => {
                    passes |= matches!(fault, Fault::Passing(_));
                    said.push(format!("{}: {}", place.host, fault.why()));
                }
            }
        }
        let said = said.join("; ");
        Err(if passes {
            Fault::Passing(said)
        } else {
            Fault::Final(said)
        })
    }

    /// The address of an image's document, for people.
    pub(super) fn address(&self, image: &Reference) -> String {
        let places = self.places(image);
        let all: Vec<String> = places
            .iter()
            .map(|place| format!("{}/manifests/{}", place.base, image.version))
            .collect();
        all.join(", ")
    }

    fn places<'a>(&'a self, image: &'a Reference) -> Vec<Place<'a>> {
        let mirror = |base: &'a String| {
            let base = base.trim_end_matches('/');
            let (_, rest) = base.split_once("://").unwrap_or(("", base));
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            // containerd's rule: a mirror with a path of its own is not asked below /v2.
            let version = if path.is_empty() { "/v2" } else { "" };
            Place {
                base: format!("{base}{version}/{}", image.repository),
                query: format!("?ns={}", image.registry),
                host,
            }
        };
        let own = Place {
            base: format!("https://{}/v2/{}", image.host(), image.repository),
            query: String::new(),
            host: &image.registry,
        };
        self.mirrors.iter().map(mirror).chain([own]).collect()
    }

    fn ask(
        &self,
        web: &Web,
        place: &Place,
        image: &Reference,
        what: &str,
        from: u64,
        stop: &dyn Fn() -> bool,
    ) -> Result<Reply, Fault> {
        let address = format!("{}/{what}{}", place.base, place.query);
        let ask = |token: Option<&str>| {
            let mut headers = vec![("accept", manifest::ACCEPTED)];
            headers.extend(token.map(|token| ("authorization", token)));
            web.ask(&address, &headers, from)
        };
        let known = lock(&self.tokens).get(&place.base).cloned();
        match ask(known.as_deref()) {
            // A token lives for minutes, so a known one may be over.
            Err(Fault::Denied { why, challenge }) => {
                let token = self.token(web, place, image, (&challenge, &why), stop)?;
                let reply = ask(Some(&token));
                lock(&self.tokens).insert(place.base.clone(), token);
                reply
            }
            other => other,
        }
    }

    /// What a registry wants to hear, by its challenge (the token specification of distribution, and RFC 7617).
    fn token(
        &self,
        web: &Web,
        place: &Place,
        image: &Reference,
        (challenge, why): (&str, &str),
        stop: &dyn Fn() -> bool,
    ) -> Result<String, Fault> {
        #[derive(Deserialize)]
        struct Answer {
            token: Option<String>,
            access_token: Option<String>,
        }
        let login = self.logins.at(place.host).map(|login| login.basic());
        let denied = || Fault::Final(t!("artifact.denied", host = place.host, reason = why));
        let (scheme, rest) = challenge.split_once(' ').unwrap_or((challenge, ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return login.ok_or_else(denied);
        }
        let parameters = parameters(rest);
        let realm = parameters
            .get("realm")
            .filter(|_| scheme.eq_ignore_ascii_case("bearer"));
        let realm = realm.ok_or_else(denied)?;
        // A password goes over no line that is less safe than the one that it is for.
        let safe = realm.starts_with("https://") || place.base.starts_with("http://");
        let pull = format!("repository:{}:pull", image.repository);
        let scope = parameters.get("scope").unwrap_or(&pull);
        let mut address = format!(
            "{realm}{}scope={scope}",
            if realm.contains('?') { '&' } else { '?' }
        );
        if let Some(service) = parameters.get("service") {
            address = format!("{address}&service={}", service.replace(' ', "%20"));
        }
        let headers: Vec<(&str, &str)> = login
            .as_deref()
            .filter(|_| safe)
            .map(|login| ("authorization", login))
            .into_iter()
            .collect();
        let text = web::patiently(stop, || web.ask(&address, &headers, 0)).map_err(|fault| match fault {
            Fault::Denied { .. } => denied(),
            other => other,
        })?;
        let answer: Answer = serde_json::from_slice(&text).map_err(|_| denied())?;
        let token = answer.token.or(answer.access_token).ok_or_else(denied)?;
        Ok(format!("Bearer {token}"))
    }
}

/// The parameters of a challenge: `realm="…",service="…"`.
fn parameters(text: &str) -> HashMap<String, String> {
    let mut found = HashMap::new();
    let mut rest = text;
    while let Some((name, value)) = rest.split_once('=') {
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => value.split_once(',').unwrap_or((value, "")),
        };
        found.insert(name.trim().to_ascii_lowercase(), value.to_owned());
        rest = after.trim_start_matches([',', ' ']);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_taken_apart() {
        let found =
            parameters(r#"realm="https://auth.example/token",service="registry, one",scope="a:b:pull,push""#);
        assert_eq!(found["realm"], "https://auth.example/token");
        assert_eq!(found["service"], "registry, one");
        assert_eq!(found["scope"], "a:b:pull,push");
        assert_eq!(parameters("realm=x, a=b")["a"], "b");
    }

    #[test]
    fn mirrors_stand_before_the_registry_as_with_containerd() {
        let registries = Registries {
            mirrors: vec!["http://room:5000".into(), "https://school/v2/proxy/".into()],
            ..Registries::default()
        };
        let nginx = Reference::parse("nginx:1.27");
        assert_eq!(
            registries.address(&nginx),
            "http://room:5000/v2/library/nginx/manifests/1.27, \
             https://school/v2/proxy/library/nginx/manifests/1.27, \
             https://registry-1.docker.io/v2/library/nginx/manifests/1.27"
        );
    }
}
