//! A message on its way from where it stands to the session, block by block.

use crate::smtp::data::{Base64Lines, LineEnds, Stuffing};
use crate::smtp::{Extensions, MessageHead, Parameter, Transfer};
use std::collections::VecDeque;
use std::fmt;
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// Octets that are read at once.
const BLOCK: usize = 16 * 1024;

/// An opened file, standard input, or whatever else can be read.
pub type Reader = Box<dyn AsyncRead + Send + Unpin>;

/// A part of a message.
pub enum Piece {
    /// It is in memory.
    Held(Vec<u8>),
    /// It is read as it is sent.
    Read(Reader),
    /// The same, as the lines of base64 that an attachment is.
    Encoded(Reader),
}

/// What kind of octets a message consists of: BODY of MAIL (RFC 6152, RFC 3030).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Body {
    /// ASCII, or nobody has looked.
    #[default]
    SevenBit,
    EightBit,
    /// Anything, in lines or not: only by BDAT.
    Binary,
}

/// A message that is read while it is sent. How it goes is asked for here, and decided by what
/// the server offers: [`Source::transfer`].
#[derive(Debug)]
pub struct Source {
    pieces: VecDeque<Piece>,
    encoder: Option<Base64Lines>,
    /// How line ends go over the wire.
    pub ends: LineEnds,
    /// Octets as RFC 1870 counts them, where they are known.
    pub octets: Option<u64>,
    pub body: Body,
    /// Chunks of so many octets are wanted instead of DATA.
    pub chunk: Option<usize>,
}

/// What reading a message once has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// As RFC 1870 counts them.
    pub octets: u64,
    /// Octets beyond ASCII are in it.
    pub eight_bit: bool,
}

impl Source {
    pub fn new(pieces: impl IntoIterator<Item = Piece>, ends: LineEnds) -> Self {
        Self {
            pieces: pieces.into_iter().collect(),
            encoder: None,
            ends,
            octets: None,
            body: Body::default(),
            chunk: None,
        }
    }

    /// In chunks where they are wanted and offered, by DATA otherwise.
    pub fn transfer(&self, offered: Option<&Extensions>) -> Transfer {
        let chunks = offered.is_some_and(|offered| offered.has("CHUNKING"));
        match self.chunk.filter(|_| chunks) {
            Some(chunk) => Transfer::Bdat { chunk },
            None => Transfer::Data,
        }
    }

    /// What MAIL says of this message to a server that offers as much: SIZE and BODY.
    pub fn parameters(&self, offered: &Extensions) -> Vec<Parameter> {
        let size = self.octets.filter(|_| offered.has("SIZE"));
        let by_bdat = self.transfer(Some(offered)) != Transfer::Data;
        let body = match self.body {
            Body::Binary if by_bdat && offered.has("BINARYMIME") => Some("BODY=BINARYMIME"),
            Body::Binary | Body::EightBit if offered.has("8BITMIME") => Some("BODY=8BITMIME"),
            _ => None,
        };
        let size = size.map(|octets| format!("SIZE={octets}"));
        let all = size.into_iter().chain(body.map(str::to_owned));
        all.filter_map(|text| Parameter::new(&text).ok()).collect()
    }

    /// The keyword without which this message cannot go: binary content needs two (RFC 3030
    /// section 3). To be asked before MAIL, which would announce it; [`super::Wire`] asks again.
    pub fn lacks(&self, offered: Option<&Extensions>) -> Option<&'static str> {
        let needed = ["CHUNKING", "BINARYMIME"].into_iter();
        let offers = |keyword: &str| offered.is_some_and(|offered| offered.has(keyword));
        let mut lacking = needed.filter(|keyword| !offers(keyword));
        lacking.next().filter(|_| self.body == Body::Binary)
    }

    pub(super) fn head(&self, offered: Option<&Extensions>) -> MessageHead {
        MessageHead {
            transfer: self.transfer(offered),
            ends: self.ends,
            octets: self.octets,
        }
    }

    /// The next octets; none at the end. May wait for as long as whoever writes to standard
    /// input takes.
    pub async fn block(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            let (reader, encoded) = match self.pieces.front_mut() {
                None => return Ok(None),
                Some(Piece::Held(octets)) => {
                    let octets = std::mem::take(octets);
                    self.pieces.pop_front();
                    return Ok(Some(octets));
                }
                Some(Piece::Read(reader)) => (reader, false),
                Some(Piece::Encoded(reader)) => (reader, true),
            };
            let mut block = vec![0; BLOCK];
            let read = reader.read(&mut block).await?;
            block.truncate(read);
            if read == 0 {
                self.pieces.pop_front();
            }
            if !encoded {
                if read == 0 {
                    continue;
                }
                return Ok(Some(block));
            }
            let encoder = self.encoder.get_or_insert_default();
            let mut lines = Vec::with_capacity(BLOCK * 3 / 2);
            encoder.write(&block, &mut lines);
            if read == 0 {
                encoder.finish(&mut lines);
                self.encoder = None;
            }
            return Ok(Some(lines));
        }
    }

    /// Reads to the end, and shows each block, its line ends as they will be sent, to `each`.
    pub async fn measure(mut self, mut each: impl FnMut(&[u8])) -> io::Result<Measured> {
        let mut stuffing = Stuffing::without_dots(self.ends);
        let mut measured = Measured {
            octets: 0,
            eight_bit: false,
        };
        let mut wire = Vec::new();
        loop {
            let block = self.block().await?;
            wire.clear();
            match &block {
                Some(block) => stuffing.write(block, &mut wire),
                None => stuffing.finish(&mut wire),
            }
            measured.octets += u64::try_from(wire.len()).unwrap_or(u64::MAX);
            measured.eight_bit |= !wire.is_ascii();
            each(&wire);
            if block.is_none() {
                return Ok(measured);
            }
        }
    }
}

impl fmt::Debug for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Held(octets) => f.debug_tuple("Held").field(&octets.len()).finish(),
            Self::Read(_) => f.write_str("Read"),
            Self::Encoded(_) => f.write_str("Encoded"),
        }
    }
}
