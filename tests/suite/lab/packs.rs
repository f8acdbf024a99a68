//! A pack made of the cache, and a cluster made of that pack alone where no way leads out.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::{Folder, Said, kprov};

const CONFIG: &str = r#"
[cluster]
name = "packed"
kubernetes = "1.20.2"
provider = "docker"

[network]
nodes = "10.213.0.0/24"

[verify]
image = "nginx:1.22"

# The lab's registry has builds of its own under the names of images whose digests are known.
[artifacts]
pinned_images = false
images = ["nginx"]

[[node]]
name = "cp"
role = "control-plane"
address = "10.213.0.10"

[[node]]
name = "w"
role = "worker"
address = "10.213.0.11"
"#;

#[test]
fn a_pack_of_the_cache_is_enough_where_no_way_leads_out() {
    let Some(lab) = Folder::new("packed", CONFIG) else {
        return;
    };
    let programs = programs_alone(&lab);
    let create = |output: &str| {
        let arguments = [
            "pack",
            "create",
            "--pack",
            programs.to_str().unwrap(),
            "-o",
            output,
        ];
        run(&lab, "cache", &arguments).exits(0);
    };
    // The lab's registry fills the cache.
    let registry = printed(&lab, "KPROV_LAB_REGISTRY");
    let mirror = CONFIG.replace(
        "[artifacts]",
        &format!("[artifacts]\nregistry_mirrors = [\"http://{registry}\"]"),
    );
    fs::write(lab.dir.join("cluster.toml"), mirror).unwrap();
    create("first.tar.zst");
    // From then on it is not asked any more: this config does not know of it.
    fs::write(lab.dir.join("cluster.toml"), CONFIG).unwrap();
    create("pack.tar.zst");
    let read = |name: &str| fs::read(lab.dir.join(name)).unwrap();
    assert!(
        read("first.tar.zst") == read("pack.tar.zst"),
        "two packs of one cache differ"
    );
    fs::remove_file(lab.dir.join("first.tar.zst")).unwrap();

    let out = lab.in_lab("ip", &["route", "get", "192.0.2.1"]);
    assert!(
        !out.status.success(),
        "there is a way out: {}",
        String::from_utf8_lossy(&out.stdout)
    );
    run(&lab, "empty", &["up", "--pack", "pack.tar.zst"]).exits(0);
    lab.verified(26);
    for (node, itself) in [("cp", 0), ("w", 1)] {
        // What it runs came from this computer: there is nobody to ask, but for what a tag stands for here.
        let mirrors = lab.on(node, "cat /etc/containerd/certs.d/_default/hosts.toml");
        assert_eq!(mirrors.matches("http").count(), itself, "{mirrors}");
        assert_eq!(mirrors.matches("http://127.0.0.1:").count(), itself, "{mirrors}");
    }
    lab.runs_always("cp", "nginx");
    lab.kprov(&["destroy", "--yes"]).exits(0);
}

/// kprov with a cache in the test's own folder.
fn run(lab: &Folder, cache: &str, arguments: &[&str]) -> Said {
    let cache = format!("KPROV_CACHE={}", lab.dir.join(cache).display());
    let kprov = kprov().display().to_string();
    let started = std::time::Instant::now();
    let output = lab.in_lab(
        "env",
        &[&["-u", "KPROV_PACK", &cache, &kprov][..], arguments].concat(),
    );
    eprintln!(
        "packed: kprov {} ({:.1} s)",
        arguments.join(" "),
        started.elapsed().as_secs_f32()
    );
    Said {
        status: output.status.code(),
        text: String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr),
    }
}

fn printed(lab: &Folder, variable: &str) -> String {
    let said = lab.in_lab("printenv", &[variable]).stdout;
    String::from_utf8(said).unwrap().trim().to_owned()
}

/// The lab's pack without its images: what the lab cannot serve as the internet's hosts would.
fn programs_alone(lab: &Folder) -> PathBuf {
    let whole = printed(lab, "KPROV_PACK");
    let list = fs::read_to_string(Path::new(&whole).join("pack.toml")).unwrap();
    let mut entries = list.split("[[file]]\n");
    let head = entries.next().unwrap().to_owned();
    let kept = entries.filter(|entry| !entry.contains("kind = \"image\"\n"));
    let list = kept.fold(head, |list, entry| format!("{list}[[file]]\n{entry}"));
    let dir = lab.dir.join("programs-alone");
    fs::create_dir(&dir).unwrap();
    fs::write(dir.join("pack.toml"), list).unwrap();
    for folder in ["programs", "dockers", "node-image"] {
        symlink(Path::new(&whole).join(folder), dir.join(folder)).unwrap();
    }
    dir
}
