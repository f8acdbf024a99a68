//! Hands the headers of AWS-LC's libcrypto on to libssh2-sys.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let (_, include) = std::env::vars()
        .find(|(name, _)| name.starts_with("DEP_AWS_LC_") && name.ends_with("_INCLUDE"))
        .expect("aws-lc-sys says where its headers are");
    println!("cargo:include={include}");
}
