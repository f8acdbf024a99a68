//! Names of images, registries, web addresses and boxes: their form only.

/// Whether a text is an image reference, such as `registry.k8s.io/pause:3.2` or one with a digest
/// (the grammar of distribution/reference).
pub(super) fn is_image(text: &str) -> bool {
    let (text, digest) = match text.split_once('@') {
        Some((text, digest)) => (text, Some(digest)),
        None => (text, None),
    };
    let slash = text.rfind('/').map_or(0, |slash| slash + 1);
    let (name, tag) = match text[slash..].split_once(':') {
        Some((name, tag)) => (&text[..slash + name.len()], Some(tag)),
        None => (text, None),
    };
    is_repository(name) && tag.is_none_or(is_tag) && digest.is_none_or(is_digest)
}

/// Whether a text is a registry with or without a path, or a path: an image reference without a tag.
pub(super) fn is_repository(text: &str) -> bool {
    let (host, path) = match text.split_once('/') {
        Some((host, path)) if host == "localhost" || host.contains(['.', ':']) => (Some(host), path),
        _ => (None, text),
    };
    let path = path.split('/').all(is_path_component);
    path && text.len() <= 255 && host.is_none_or(is_host_and_port)
}

fn is_path_component(text: &str) -> bool {
    let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.starts_with(edge) && text.ends_with(edge) && text.chars().all(|c| edge(c) || "._-".contains(c))
}

fn is_tag(text: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.len() <= 128 && text.starts_with(word) && text.chars().all(|c| word(c) || c == '.' || c == '-')
}

fn is_digest(text: &str) -> bool {
    let hex = |c: char| matches!(c, '0'..='9' | 'a'..='f');
    text.strip_prefix("sha256:")
        .is_some_and(|sum| sum.len() == 64 && sum.chars().all(hex))
}

fn is_host_and_port(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    let label = |label: &str| {
        let word = |c: char| c.is_ascii_alphanumeric();
        label.starts_with(word) && label.ends_with(word) && label.chars().all(|c| word(c) || c == '-')
    };
    host.split('.').all(label) && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

/// The address without a trailing slash where a text is an `http` or `https` one: host, port and path,
/// and neither a user nor a query, which would be a secret or none of a mirror's business.
pub(super) fn base_address(text: &str) -> Option<&str> {
    let rest = text
        .strip_prefix("http://")
        .or_else(|| text.strip_prefix("https://"))?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~%/+".contains(c);
    (is_host_and_port(host) && path.chars().all(plain)).then(|| text.trim_end_matches('/'))
}

/// Whether a text may say where a box lies: a path of this computer, or an address without a user, whose password
/// would be shown.
pub(super) fn is_box_address(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return !text.trim().is_empty() && !text.chars().any(char::is_control);
    };
    let plain = |c: char| c.is_ascii_graphic() && !"\"'`\\#$@<>".contains(c);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    match scheme {
        "http" | "https" => is_host_and_port(host) && !path.is_empty() && path.chars().all(plain),
        "file" => !path.is_empty() && !path.chars().any(char::is_control),
        _ => false,
    }
}

/// Whether a text is a SHA-256 in hexadecimal.
pub(super) fn is_checksum(text: &str) -> bool {
    text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit())
}

/// Whether a text may name a Vagrant box, a version of one, a CPU model or a guest: printable, no spaces.
pub(super) fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 255
        && text
            .chars()
            .all(|c| c.is_ascii_graphic() && !"\"'`\\#$".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_have_a_name_and_may_have_a_host_a_tag_and_a_digest() {
        let digest = format!("nginx@sha256:{}", "0a".repeat(32));
        for image in [
            "nginx",
            "nginx:latest",
            "docker.io/library/nginx:1.27-alpine",
            "localhost:5000/a/b",
            "debian:12-slim",
            &digest,
        ] {
            assert!(is_image(image), "{image}");
        }
        for image in [
            "",
            "Nginx",
            "nginx:",
            "nginx latest",
            "a//b",
            "http://nginx",
            "-a",
            "a:b:c",
            "a@sha256:0",
        ] {
            assert!(!is_image(image), "{image}");
        }
        assert!(is_repository("k8s.gcr.io") && is_repository("localhost:5000/k8s"));
        assert!(!is_repository("registry.k8s.io/") && !is_repository("a/b:1"));
    }

    #[test]
    fn base_addresses_are_http_without_secrets() {
        assert_eq!(
            base_address("http://10.0.0.1:5000/"),
            Some("http://10.0.0.1:5000")
        );
        assert_eq!(
            base_address("https://mirror.example/v2"),
            Some("https://mirror.example/v2")
        );
        for text in [
            "mirror.example",
            "ftp://a",
            "http://",
            "http://u:p@host",
            "http://a/?q",
            "http://a b",
        ] {
            assert_eq!(base_address(text), None, "{text}");
        }
    }

    #[test]
    fn boxes_lie_in_files_and_behind_addresses() {
        for text in [
            "boxes/lab.box",
            "C:\\boxes\\lab.box",
            "file:///boxes/lab.box",
            "https://boxes.example/lab.box?v=1",
            "http://192.168.0.2:8000/lab.json",
        ] {
            assert!(is_box_address(text), "{text}");
        }
        for text in [
            "",
            " ",
            "a\nb",
            "ftp://a/b.box",
            "https://",
            "https://u:p@host/a.box",
            "https://host/a b",
        ] {
            assert!(!is_box_address(text), "{text}");
        }
        assert!(is_checksum(&"0aF".repeat(64)[..64]) && !is_checksum("0a") && !is_checksum(&"g".repeat(64)));
    }

    #[test]
    fn words_have_no_spaces_and_no_quotes() {
        assert!(is_word("bento/debian-12") && is_word("file:///boxes/a.box"));
        assert!(!is_word("") && !is_word("a b") && !is_word("a\"") && !is_word("#{x}"));
    }
}
