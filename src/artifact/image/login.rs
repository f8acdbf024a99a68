//! Who one is to a registry: what `docker login` and `podman login` left behind, or what a CI system sets.

use std::collections::HashMap;
use std::env;
use std::fmt;
use std::fs;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

/// A user and a password. Neither is ever shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The user's name.
    pub user: String,
    /// The password, or a token in its place.
    pub password: String,
}

/// Asks a credential helper, by the second half of its name, for the login at a host.
pub type Helper = fn(&str, &str) -> Option<Login>;

/// The logins of this user, by host.
#[derive(Debug, Default)]
pub struct Logins {
    settings: Settings,
    helper: Option<Helper>,
}

/// `config.json` as docker and podman write it.
#[derive(Debug, Default, Deserialize)]
struct Settings {
    #[serde(default)]
    auths: HashMap<String, Auth>,
    #[serde(default, rename = "credHelpers")]
    helpers: HashMap<String, String>,
    #[serde(default, rename = "credsStore")]
    store: Option<String>,
}

#[derive(Default, Deserialize)]
struct Auth {
    #[serde(default)]
    auth: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(…)")
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Auth(…)")
    }
}

impl Logins {
    /// The first of: the variable `DOCKER_AUTH_CONFIG`, the file that `REGISTRY_AUTH_FILE` names, `config.json` in
    /// `DOCKER_CONFIG` or `~/.docker`. `helper` runs the credential helpers that these may name.
    #[must_use]
    pub fn of_this_user(helper: Helper) -> Self {
        let text = env::var("DOCKER_AUTH_CONFIG").ok().or_else(|| {
            let file = env::var_os("REGISTRY_AUTH_FILE").map(PathBuf::from);
            let folder = env::var_os("DOCKER_CONFIG")
                .map(PathBuf::from)
                .or_else(|| Some(env::home_dir()?.join(".docker")));
            let usual = folder.map(|folder| folder.join("config.json"));
            fs::read_to_string(file.or(usual)?).ok()
        });
        Self::read(&text.unwrap_or_default(), Some(helper))
    }

    /// The logins in a text of that form; none in any other.
    #[must_use]
    pub fn read(text: &str, helper: Option<Helper>) -> Self {
        Self {
            settings: serde_json::from_str(text).unwrap_or_default(),
            helper,
        }
    }

    /// The login at a host, as image names have it.
    #[must_use]
    pub fn at(&self, host: &str) -> Option<Login> {
        // docker keeps Docker Hub's under the address that it had once.
        let names: &[&str] = match host {
            "docker.io" | "registry-1.docker.io" => &["https://index.docker.io/v1/", "docker.io"],
            _ => &[host],
        };
        let Settings {
            auths,
            helpers,
            store,
        } = &self.settings;
        names.iter().find_map(|name| {
            let from_helper = |which: &String| self.helper.and_then(|ask| ask(which, name));
            let address = format!("https://{name}");
            helpers
                .get(*name)
                .and_then(from_helper)
                .or_else(|| auths.get(*name).or_else(|| auths.get(&address))?.login())
                .or_else(|| store.as_ref().and_then(from_helper))
        })
    }
}

impl Auth {
    fn login(&self) -> Option<Login> {
        let bytes = STANDARD.decode(self.auth.trim()).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (user, password) = text.split_once(':')?;
        Some(Login {
            user: user.to_owned(),
            password: password.to_owned(),
        })
    }
}

impl Login {
    /// As the header `Authorization` has it.
    pub(in crate::artifact) fn basic(&self) -> String {
        format!(
            "Basic {}",
            STANDARD.encode(format!("{}:{}", self.user, self.password))
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn docker_s_file_is_understood_and_no_password_is_shown() {
        let text = r#"{"auths": {"https://index.docker.io/v1/": {"auth": "bWU6c2VjcmV0"}, "quay.io": {}},
                       "credHelpers": {"ghcr.io": "keys"}}"#;
        let helper: Helper = |which, host| {
            (which == "keys").then(|| Login {
                user: host.to_owned(),
                password: "from the helper".to_owned(),
            })
        };
        let logins = Logins::read(text, Some(helper));
        let hub = logins.at("docker.io").unwrap();
        assert_eq!((hub.user.as_str(), hub.password.as_str()), ("me", "secret"));
        assert_eq!(hub.basic(), "Basic bWU6c2VjcmV0");
        assert_eq!(logins.at("ghcr.io").unwrap().user, "ghcr.io");
        assert_eq!(logins.at("quay.io"), None);
        assert_eq!(logins.at("registry.k8s.io"), None);
        let shown = format!("{logins:?} {hub:?}");
        assert!(!shown.contains("secret") && !shown.contains("bWU6"), "{shown}");
        assert_eq!(Logins::read("no json", None).at("docker.io"), None);
    }
}
