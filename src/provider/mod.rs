//! What makes machines exist: Vagrant with one of its providers, or nobody for hosts that exist already.

mod auto;
mod docker;
mod vagrant;
mod virtualbox;

pub use auto::{Choice, name, resolve};
pub use docker::{DEBIAN_MIRROR, ImageSource, ensure_node_image, has_node_image, image_tag};
pub use vagrant::{Heard, Vagrant};
