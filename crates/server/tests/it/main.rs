//! The service as a client sees it, without a socket.

mod client;
mod document;
mod graph;
mod own;
mod recommendations;
mod safety;
