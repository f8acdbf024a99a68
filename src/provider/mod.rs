//! What makes machines exist: Vagrant with one of its providers, or nobody for hosts that exist already.

mod auto;
mod boxes;
mod day_two;
mod docker;
mod heard;
mod libvirt;
mod orphans;
mod tool;
mod torn;
mod vagrant;
mod virtualbox;

pub use auto::{Choice, resolve};
pub use boxes::{
    BoxTrouble, InstalledBox, add_box, box_trouble, fetch_box, installed_box, is_installed, pack_box,
};
pub use day_two::{Machine, Snapshot};
pub use docker::{DEBIAN_MIRROR, ImageSource, ensure_node_image, has_node_image, image_tag, save_node_image};
pub use heard::Heard;
pub use vagrant::Vagrant;
