//! The rules of the house: what a reader may rely on everywhere in the sources.

mod languages;
mod layers;
mod lesson;
mod lexer;
mod messages;
mod node_scripts;
mod platforms;
mod said;
mod sources;
mod voices;
