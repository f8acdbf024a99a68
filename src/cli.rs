//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ColorChoice, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::text::Language;

mod values;
mod words;

/// Builds Kubernetes course labs from one cluster.toml, and proves that they work.
#[derive(Debug, Parser)]
#[command(name = "kprov", version, max_term_width = 100, arg_required_else_help = true)]
pub struct Cli {
    /// What applies to every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The command line with its help in the user's language.
#[must_use]
pub fn command() -> clap::Command {
    let mut command = Cli::command();
    let global: Vec<String> = command
        .get_arguments()
        .filter(|arg| arg.is_global_set())
        .map(|arg| arg.get_id().as_str().replace('_', "-"))
        .collect();
    // Values are named in one line of an option's help; clap gives them lines of their own if it may.
    command = words::short(command);
    // Brings in what clap adds by itself, so that it gets words too.
    command.build();
    words::told(command, "kprov", &global)
}

/// What applies to every command.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// The config file
    #[arg(
        short,
        long,
        global = true,
        default_value = "cluster.toml",
        value_name = "FILE"
    )]
    pub file: PathBuf,
    /// Text for people, or JSON for programs on standard output
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// When to use colour; auto heeds the terminal and `NO_COLOR`
    #[arg(long, global = true, value_enum, default_value_t = ColorChoice::Auto, value_name = "WHEN")]
    pub color: ColorChoice,
    /// Write errors and data only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more: steps that held already, and the timeline at the end
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Answer every question with yes
    #[arg(short, long, global = true)]
    pub yes: bool,
    /// The language of all that people read; from the locale otherwise
    #[arg(long, global = true, value_enum)]
    pub lang: Option<Language>,
}

/// For whom output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a cluster.toml with comments
    Init(Init),
    /// Look for mistakes in the config file
    Check,
    /// Write the Vagrantfile, kubeadm's files and the sample manifests to a folder
    Render(Render),
    /// Show what up would do, lane by lane
    Plan(Supply),
    /// Look for what is wrong with this computer, before a lab is made and after one broke
    Doctor(Doctor),
    /// Make the cluster, or what is missing of it, and prove that it works
    Up(Up),
    /// Prove that the cluster works: pods, services, Deployments, DNS, every component
    Verify(Verify),
    /// Show the nodes: whether they answer, and what Kubernetes says of them
    Status,
    /// Log in to a node, or run a command there
    Ssh(Ssh),
    /// Print the kubeconfig, or merge it into your own
    Kubeconfig(Kubeconfig),
    /// Switch the machines off, or one of them
    Halt(Halt),
    /// Bring machines back that were switched off or slept, and the cluster with them
    Resume(Resume),
    /// Take a broken cluster off the nodes, whose machines and images stay, for a quick new start
    Reset(Reset),
    /// Keep the machines as they are now, and go back to that
    #[command(subcommand)]
    Snapshot(SnapshotCommand),
    /// Put everything that a cluster needs into one file, for rooms without the internet
    Pack {
        /// What to do with it
        #[command(subcommand)]
        command: PackCommand,
    },
    /// Remove the cluster and everything that belongs to it, or one worker
    Destroy(Destroy),
    /// Say what a known problem is and what to do about it
    Explain(Explain),
    /// Print what goes with each version of Kubernetes
    Versions,
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// What is done with snapshots of all machines.
#[derive(Debug, Subcommand)]
pub enum SnapshotCommand {
    /// Take a snapshot of every machine
    Save {
        /// Its name
        name: String,
    },
    /// Go back to a snapshot, and bring the cluster back
    Restore {
        /// Its name
        name: String,
        /// Where programs and images come from
        #[command(flatten)]
        supply: Supply,
    },
    /// Show the snapshots that there are
    List,
    /// Remove a snapshot
    Delete {
        /// Its name
        name: String,
    },
}

/// Where programs and images come from.
#[derive(Debug, Clone, Default, Args)]
pub struct Supply {
    /// A pack: its directory, its .tar.zst archive, or the http:// address of one that is served; stands before `pack`
    /// in the config file
    #[arg(long, env = "KPROV_PACK", value_name = "PATH")]
    pub pack: Option<PathBuf>,
}

/// What to do with a pack.
#[derive(Debug, Subcommand)]
pub enum PackCommand {
    /// Make a pack of everything that the cluster needs
    Create(PackCreate),
    /// Show what is in a pack
    List {
        /// The pack
        pack: PathBuf,
    },
    /// Look whether every file of a pack is what its list says
    Verify {
        /// The pack
        pack: PathBuf,
    },
    /// Give a pack to the other computers in the room, until Ctrl-C
    Serve(PackServe),
}

/// Options of `pack create`.
#[derive(Debug, Args)]
pub struct PackCreate {
    /// The file to write
    #[arg(short, long, value_name = "FILE", default_value = "pack.tar.zst")]
    pub output: PathBuf,
    /// The architectures of the nodes; this computer's if left out
    #[arg(long, value_delimiter = ',', value_parser = ["amd64", "arm64"])]
    pub arch: Vec<String>,
    /// Where programs and images come from
    #[command(flatten)]
    pub supply: Supply,
}

/// Options of `pack serve`.
#[derive(Debug, Args)]
pub struct PackServe {
    /// The pack
    pub pack: PathBuf,
    /// The address and port to answer on
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "0.0.0.0:8000", value_parser = values::listen)]
    pub listen: SocketAddr,
}

/// Options of `init`.
#[derive(Debug, Args)]
pub struct Init {
    /// The cluster's name; the folder's, if that can be one
    #[arg(long)]
    pub name: Option<String>,
    /// Write this cluster in place of the smallest useful one
    #[arg(long, value_enum)]
    pub profile: Option<Profile>,
}

/// A cluster that `init` knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Profile {
    /// The course's own: Kubernetes 1.20.2, its names and addresses.
    Course,
    /// The same with Docker as the course had it.
    CourseDocker,
    /// The same on a current Kubernetes.
    CourseToday,
    /// Every key with its explanation, to be read.
    AllKeys,
}

/// Options of `render`.
#[derive(Debug, Args)]
pub struct Render {
    /// The folder to write to; it is made if it does not exist
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
}

/// Options of `halt`.
#[derive(Debug, Args)]
pub struct Halt {
    /// The node; all of them if left out
    pub node: Option<String>,
}

/// Options of `resume`.
#[derive(Debug, Args)]
pub struct Resume {
    /// The node; all of them if left out
    pub node: Option<String>,
    /// Where programs and images come from
    #[command(flatten)]
    pub supply: Supply,
}

/// Options of `reset`.
#[derive(Debug, Args)]
pub struct Reset {
    /// The worker; all nodes if left out
    pub node: Option<String>,
    /// Only look at what would be done
    #[arg(long)]
    pub dry_run: bool,
}

/// Options of `destroy`.
#[derive(Debug, Args)]
pub struct Destroy {
    /// The worker, also one that the config file has no more; the whole cluster if left out
    pub node: Option<String>,
}

/// Options of `up`.
#[derive(Debug, Args)]
pub struct Up {
    /// Where programs and images come from
    #[command(flatten)]
    pub supply: Supply,
    /// Only check every step; change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Leave out the proof at the end
    #[arg(long)]
    pub no_verify: bool,
}

/// From where `verify` sends requests to the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Vantage {
    /// From this computer only.
    Workstation,
    /// From the nodes only.
    Nodes,
}

/// Options of `verify`.
#[derive(Debug, Args)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own on the command line"
)]
pub struct Verify {
    /// Make only these checks and what they need: a check, a group, or GROUP/CHECK
    #[arg(long, value_delimiter = ',', value_name = "CHECK")]
    pub only: Vec<String>,
    /// Leave these checks out, and what builds on them
    #[arg(long, value_delimiter = ',', value_name = "CHECK")]
    pub skip: Vec<String>,
    /// List the checks with what each needs, and make none
    #[arg(long)]
    pub list: bool,
    /// The most seconds that any check waits for what it looks at
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true, value_parser = values::seconds)]
    pub timeout: Option<u64>,
    /// From where requests are sent; from everywhere if left out
    #[arg(long, value_enum, value_name = "WHERE")]
    pub from: Option<Vantage>,
    /// Verify again every so many seconds until Ctrl-C, and say what changed
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true, value_parser = values::seconds)]
    pub watch: Option<u64>,
    /// The cluster of this kubeconfig, which need not be kprov's, through kubectl on this computer
    #[arg(long, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// Stop a worker for a while too, and see its pods replaced on other nodes
    #[arg(long)]
    pub disruptive: bool,
    /// Leave the samples running and print their addresses
    #[arg(long)]
    pub keep: bool,
    /// Write a report; its ending says in which form: .html, .xml (`JUnit`), .json or .md
    #[arg(long, value_name = "FILE")]
    pub report: Vec<PathBuf>,
    /// Print the schema of the report in JSON
    #[arg(long)]
    pub schema: bool,
    /// Walk through Kubernetes on this cluster, page by page, in place of a verification
    #[arg(long, conflicts_with_all = ["disruptive", "keep", "report", "schema", "grade"])]
    pub explain: bool,
    /// Add an instructor's checks and count points
    #[arg(long, value_name = "FILE")]
    pub grade: Option<PathBuf>,
}

/// Options of `ssh`.
#[derive(Debug, Args)]
pub struct Ssh {
    /// The node; the first control plane if left out
    pub node: Option<String>,
    /// A command to run there instead of a shell
    #[arg(last = true)]
    pub command: Vec<String>,
}

/// Options of `doctor`.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Do what is safe, after asking: allow the lab's own range in `VirtualBox`'s networks.conf
    #[arg(long)]
    pub fix: bool,
    /// Move the lab to a range that nobody uses, and write that into the config file
    #[arg(long, conflicts_with = "fix")]
    pub replan: bool,
    /// Also write what was seen to a file, for somebody who sits elsewhere
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fix", "replan", "recorded"])]
    pub record: Option<PathBuf>,
    /// Examine what such a file holds in place of this computer
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fix", "replan"])]
    pub recorded: Option<PathBuf>,
}

/// Options of `explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// The id of a problem or of a finding, or what a program said, in quotes; all of them if left out
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// Look for known problems in a text that a program wrote; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "id")]
    pub from: Option<PathBuf>,
    /// Print all of them as a page of Markdown
    #[arg(long, conflicts_with_all = ["id", "from"])]
    pub markdown: bool,
}

/// Options of `kubeconfig`.
#[derive(Debug, Args)]
pub struct Kubeconfig {
    /// Print the path of the file instead of its text
    #[arg(long)]
    pub path: bool,
    /// Merge it into ~/.kube/config, of which a copy is kept
    #[arg(long, conflicts_with = "path")]
    pub merge: bool,
}
