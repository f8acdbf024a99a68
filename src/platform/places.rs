//! Where each system has its things. Nothing here looks at the computer.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::System;

/// What a variable of the environment holds.
pub(super) type Variable<'a> = dyn Fn(&str) -> Option<OsString> + 'a;

/// Where installers put a program, the likeliest place first.
pub(super) fn programs(system: System, name: &str, variable: &Variable) -> Vec<PathBuf> {
    let places = match system {
        // Packages put programs on the PATH.
        System::Linux => Vec::new(),
        System::Mac => on_mac(name),
        System::Windows => on_windows(name, variable),
    };
    places.into_iter().map(PathBuf::from).collect()
}

fn on_mac(name: &str) -> Vec<String> {
    let mut places = match name {
        "VBoxManage" => vec!["/Applications/VirtualBox.app/Contents/MacOS/VBoxManage".to_owned()],
        "vagrant" => vec!["/opt/vagrant/bin/vagrant".to_owned()],
        "docker" => vec!["/Applications/Docker.app/Contents/Resources/bin/docker".to_owned()],
        _ => Vec::new(),
    };
    // Homebrew's folders on Apple silicon and on Intel.
    places.extend(["/opt/homebrew/bin", "/usr/local/bin"].map(|dir| format!("{dir}/{name}")));
    places
}

fn on_windows(name: &str, variable: &Variable) -> Vec<String> {
    let below = |root: &str, path: &str| {
        let root = variable(root)?.into_string().ok()?;
        Some(format!("{}\\{path}", root.trim_end_matches('\\')))
    };
    let system = |program: &str| below("SystemRoot", &format!("System32\\OpenSSH\\{program}.exe"));
    let found = match name {
        "VBoxManage" => vec![
            below("VBOX_MSI_INSTALL_PATH", "VBoxManage.exe"),
            below("VBOX_INSTALL_PATH", "VBoxManage.exe"),
            below("ProgramFiles", "Oracle\\VirtualBox\\VBoxManage.exe"),
        ],
        "vagrant" => vec![
            below("ProgramFiles", "Vagrant\\bin\\vagrant.exe"),
            below("SystemDrive", "HashiCorp\\Vagrant\\bin\\vagrant.exe"),
        ],
        "docker" => vec![below(
            "ProgramFiles",
            "Docker\\Docker\\resources\\bin\\docker.exe",
        )],
        "ssh" | "ssh-keygen" => vec![
            system(name),
            below("ProgramFiles", &format!("Git\\usr\\bin\\{name}.exe")),
        ],
        _ => Vec::new(),
    };
    found.into_iter().flatten().collect()
}

pub(super) fn cache(system: System, home: Option<&Path>, variable: &Variable) -> Option<PathBuf> {
    match system {
        System::Windows => variable("LOCALAPPDATA").map(PathBuf::from),
        System::Mac => home.map(|home| home.join("Library").join("Caches")),
        // XDG Base Directory Specification: a path that is not absolute counts as absent.
        System::Linux => variable("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .filter(|dir| dir.is_absolute())
            .or_else(|| home.map(|home| home.join(".cache"))),
    }
}

pub(super) fn vagrant_home(system: System, variable: &Variable) -> Option<PathBuf> {
    if system != System::Windows || variable("VAGRANT_HOME").is_some() {
        return None;
    }
    let profile = variable("USERPROFILE").filter(|profile| !profile.is_ascii())?;
    let root = variable("ProgramData")?
        .into_string()
        .ok()
        .filter(|root| root.is_ascii())?;
    // Everybody on this computer shares the folder above, so each has one of his own in it.
    let own = fnv1a(profile.to_string_lossy().as_bytes());
    Some(PathBuf::from(format!("{root}\\kprov\\{own:016x}\\vagrant")))
}

/// The Fowler-Noll-Vo hash: the same in every version of kprov, as a folder's name has to be.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn among<'a>(known: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<OsString> + 'a {
        |name| {
            let found = known.iter().find(|(own, _)| *own == name);
            found.map(|(_, value)| OsString::from(value))
        }
    }

    const WINDOWS: &[(&str, &str)] = &[
        ("ProgramFiles", r"C:\Program Files"),
        ("ProgramData", r"C:\ProgramData"),
        ("SystemDrive", "C:"),
        ("SystemRoot", r"C:\Windows"),
        ("VBOX_MSI_INSTALL_PATH", r"D:\VirtualBox\"),
        ("LOCALAPPDATA", r"C:\Users\student\AppData\Local"),
    ];

    fn found(system: System, name: &str) -> Vec<String> {
        let found = programs(system, name, &among(WINDOWS));
        found.iter().map(|path| path.display().to_string()).collect()
    }

    #[test]
    fn windows_programs_are_where_their_installers_put_them() {
        assert_eq!(
            found(System::Windows, "VBoxManage"),
            [
                r"D:\VirtualBox\VBoxManage.exe",
                r"C:\Program Files\Oracle\VirtualBox\VBoxManage.exe"
            ]
        );
        assert_eq!(
            found(System::Windows, "vagrant"),
            [
                r"C:\Program Files\Vagrant\bin\vagrant.exe",
                r"C:\HashiCorp\Vagrant\bin\vagrant.exe"
            ]
        );
        assert_eq!(
            found(System::Windows, "ssh-keygen"),
            [
                r"C:\Windows\System32\OpenSSH\ssh-keygen.exe",
                r"C:\Program Files\Git\usr\bin\ssh-keygen.exe"
            ]
        );
        assert_eq!(found(System::Windows, "virsh"), [""; 0]);
    }

    #[test]
    fn a_mac_has_homebrew_in_one_of_two_places() {
        assert_eq!(
            found(System::Mac, "vagrant"),
            [
                "/opt/vagrant/bin/vagrant",
                "/opt/homebrew/bin/vagrant",
                "/usr/local/bin/vagrant"
            ]
        );
        assert_eq!(found(System::Linux, "vagrant"), [""; 0]);
    }

    #[test]
    fn each_system_has_its_own_cache() {
        let home = Path::new("/home/student");
        let of = |system, home, known| cache(system, home, &among(known));
        assert_eq!(
            of(System::Linux, Some(home), &[]),
            Some(PathBuf::from("/home/student/.cache"))
        );
        let relative = &[("XDG_CACHE_HOME", "cache")];
        assert_eq!(
            of(System::Linux, Some(home), relative),
            Some(PathBuf::from("/home/student/.cache"))
        );
        assert_eq!(
            of(System::Mac, Some(home), &[]),
            Some(PathBuf::from("/home/student/Library/Caches"))
        );
        assert_eq!(
            of(System::Windows, None, WINDOWS),
            Some(PathBuf::from(r"C:\Users\student\AppData\Local"))
        );
        assert_eq!(of(System::Linux, None, &[]), None);
    }

    #[test]
    fn vagrant_moves_out_of_a_korean_profile_on_windows_alone() {
        let with = |profile: &'static str, more: &[(&'static str, &'static str)]| {
            let mut known = WINDOWS.to_vec();
            known.push(("USERPROFILE", profile));
            known.extend(more);
            known
        };
        let korean = with(r"C:\Users\홍길동", &[]);
        let moved = vagrant_home(System::Windows, &among(&korean))
            .unwrap()
            .display()
            .to_string();
        assert!(
            moved.is_ascii() && moved.starts_with(r"C:\ProgramData\kprov\"),
            "{moved}"
        );
        let other = with(r"C:\Users\김철수", &[]);
        assert_ne!(
            vagrant_home(System::Windows, &among(&other)),
            Some(PathBuf::from(&moved))
        );
        assert_eq!(vagrant_home(System::Linux, &among(&korean)), None);
        assert_eq!(
            vagrant_home(System::Windows, &among(&with(r"C:\Users\student", &[]))),
            None
        );
        let chosen = with(r"C:\Users\홍길동", &[("VAGRANT_HOME", r"D:\vagrant")]);
        assert_eq!(vagrant_home(System::Windows, &among(&chosen)), None);
    }
}
