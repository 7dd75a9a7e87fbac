//! Owns the load generator's client: Socket.IO over a WebSocket, as little as a measurement needs. It masks with zeros, looks at each byte once
//! and allocates nothing while it is idle, so that what is measured is the server. Trusts its server: no use outside a benchmark.

use std::cell::RefCell;
use std::io::{Error, ErrorKind, Result};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::AsyncWriteExt;
use tokio::net::TcpSocket;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

/// Loopback addresses to come from: each has ports of its own.
const SOURCES: u32 = 16;
const SCRATCH: usize = 4 << 20;
const WAITED: &str = "the server ended the connection";

thread_local! {
    /// Where every socket of the thread reads into: ten thousand buffers would cost more than what is measured.
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; SCRATCH]);
}

/// A client that is in the namespace `/`.
pub struct Client {
    pub reader: Reader,
    pub writer: Writer,
}

pub struct Reader {
    half: OwnedReadHalf,
    /// What came after the last whole frame.
    rest: Vec<u8>,
}

pub struct Writer {
    half: OwnedWriteHalf,
    frame: Vec<u8>,
}

impl Client {
    /// Connects, upgrades, enters `/` and has the answer to that. `receive_buffer` bounds what the kernel takes in for a client that
    /// does not read.
    pub async fn connect(server: SocketAddr, receive_buffer: Option<u32>) -> Result<Self> {
        Self::enter(server, receive_buffer, "").await
    }

    /// The same as whoever shows this token.
    pub async fn connect_as(server: SocketAddr, token: &str) -> Result<Self> {
        Self::enter(server, None, &format!(r#"{{"token":"{token}"}}"#)).await
    }

    async fn enter(server: SocketAddr, receive_buffer: Option<u32>, auth: &str) -> Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let socket = TcpSocket::new_v4()?;
        if let Some(bytes) = receive_buffer {
            socket.set_recv_buffer_size(bytes)?;
        }
        let source = 2 + NEXT.fetch_add(1, Ordering::Relaxed) % SOURCES;
        socket.bind((IpAddr::V4(Ipv4Addr::new(127, 0, 0, source as u8)), 0).into())?;
        // Thousands of ports in TIME-WAIT would be in the way of the next run.
        socket.set_zero_linger()?;
        let stream = socket.connect(server).await?;
        stream.set_nodelay(true)?;
        let (reader, writer) = stream.into_split();
        let mut client = Self { reader: Reader { half: reader, rest: Vec::new() }, writer: Writer { half: writer, frame: Vec::new() } };
        let request = format!(
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {server}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2lndWllbnRlLWJlbmNoIQ==\r\n\r\n"
        );
        client.writer.half.write_all(request.as_bytes()).await?;
        client.reader.upgraded().await?;
        client.until(|text| text.starts_with(b"0")).await?;
        client.send(&format!("40{auth}")).await?;
        let mut entered = false;
        client
            .until(|text| {
                entered = text.starts_with(b"40");
                entered || text.starts_with(b"44")
            })
            .await?;
        if entered { Ok(client) } else { Err(Error::other("the server lets nobody in with that")) }
    }

    pub async fn send(&mut self, text: &str) -> Result<()> {
        self.writer.send(text).await
    }

    /// Hears one read's worth of packets. Heartbeats are answered and not told.
    pub async fn hear(&mut self, mut on: impl FnMut(&[u8])) -> Result<()> {
        let mut pings = 0;
        self.reader.read(|text| if text == b"2" { pings += 1 } else { on(text) }).await?;
        for _ in 0..pings {
            self.writer.send("3").await?;
        }
        Ok(())
    }

    /// Reads until a packet is the wanted one. What comes in between is dropped.
    pub async fn until(&mut self, mut wanted: impl FnMut(&[u8]) -> bool) -> Result<()> {
        let mut found = false;
        while !found {
            self.hear(|text| found = found || wanted(text)).await?;
        }
        Ok(())
    }

    /// Sends an event and waits for its acknowledgement, the JSON array of which is looked at by `look`.
    pub async fn ask<T>(&mut self, id: u64, event: &str, mut look: impl FnMut(&[u8]) -> T) -> Result<T> {
        self.send(&format!("42{id}{event}")).await?;
        let head = format!("43{id}[");
        let mut answer = None;
        while answer.is_none() {
            self.hear(|text| {
                if text.starts_with(head.as_bytes()) {
                    answer = Some(look(&text[head.len() - 1..]));
                }
            })
            .await?;
        }
        answer.ok_or_else(|| ErrorKind::UnexpectedEof.into())
    }
}

impl Writer {
    pub async fn send(&mut self, text: &str) -> Result<()> {
        self.put(text);
        self.flush().await
    }

    /// Puts a packet behind what waits to be sent.
    pub fn put(&mut self, text: &str) {
        let length = text.len();
        assert!(length <= usize::from(u16::MAX), "a client here sends little");
        self.frame.push(0x81);
        if length < 126 {
            self.frame.push(0x80 | length as u8);
        } else {
            self.frame.push(0x80 | 126);
            self.frame.extend_from_slice(&(length as u16).to_be_bytes());
        }
        self.frame.extend_from_slice(&[0; 4]);
        self.frame.extend_from_slice(text.as_bytes());
    }

    pub async fn flush(&mut self) -> Result<()> {
        self.half.write_all(&self.frame).await?;
        self.frame.clear();
        // Most of ten thousand sockets never send again.
        self.frame.shrink_to(256);
        Ok(())
    }
}

impl Reader {
    /// Waits for bytes and tells each whole text frame of them.
    pub async fn read(&mut self, mut on: impl FnMut(&[u8])) -> Result<()> {
        if let Some((_, size)) = frame(&self.rest)?
            && size <= self.rest.len()
        {
            let rest = std::mem::take(&mut self.rest);
            let left = frames(&rest, &mut on)?;
            self.rest.extend_from_slice(left);
            return Ok(());
        }
        loop {
            self.half.readable().await?;
            match BUFFER.with_borrow_mut(|buffer| self.take_in(buffer, &mut on)) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                other => return other,
            }
        }
    }

    fn take_in(&mut self, buffer: &mut [u8], on: &mut impl FnMut(&[u8])) -> Result<()> {
        let kept = self.rest.len();
        buffer[..kept].copy_from_slice(&self.rest);
        let read = self.half.try_read(&mut buffer[kept..])?;
        if read == 0 {
            return Err(Error::new(ErrorKind::UnexpectedEof, WAITED));
        }
        let left = frames(&buffer[..kept + read], on)?;
        if !left.is_empty() || kept > 0 {
            self.rest.clear();
            self.rest.extend_from_slice(left);
        }
        Ok(())
    }

    async fn upgraded(&mut self) -> Result<()> {
        loop {
            self.half.readable().await?;
            let mut bytes = [0; 1024];
            match self.half.try_read(&mut bytes) {
                Ok(0) => return Err(Error::new(ErrorKind::UnexpectedEof, WAITED)),
                Ok(read) => self.rest.extend_from_slice(&bytes[..read]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
            if let Some(end) = self.rest.windows(4).position(|window| window == b"\r\n\r\n") {
                if !self.rest.starts_with(b"HTTP/1.1 101") {
                    return Err(Error::other(String::from_utf8_lossy(&self.rest).into_owned()));
                }
                self.rest.drain(..end + 4);
                self.rest.shrink_to_fit();
                return Ok(());
            }
        }
    }
}

/// Tells all whole text frames; returns what is left.
fn frames<'a>(mut bytes: &'a [u8], on: &mut impl FnMut(&[u8])) -> Result<&'a [u8]> {
    while let Some((head, size)) = frame(bytes)? {
        if size > bytes.len() {
            break;
        }
        if bytes[0] & 0x0f == 1 {
            on(&bytes[head..size]);
        }
        bytes = &bytes[size..];
    }
    Ok(bytes)
}

/// Where the payload of the first frame begins and where it ends; `None` while the head is not whole.
fn frame(bytes: &[u8]) -> Result<Option<(usize, usize)>> {
    let &[first, second, ref more @ ..] = bytes else { return Ok(None) };
    if first & 0x0f == 8 {
        return Err(Error::new(ErrorKind::UnexpectedEof, WAITED));
    }
    let (head, length) = match second & 0x7f {
        126 => match more.first_chunk::<2>() {
            Some(length) => (4, u16::from_be_bytes(*length) as usize),
            None => return Ok(None),
        },
        127 => match more.first_chunk::<8>() {
            Some(length) => (10, u64::from_be_bytes(*length) as usize),
            None => return Ok(None),
        },
        length => (2, length as usize),
    };
    Ok(Some((head, head + length)))
}
