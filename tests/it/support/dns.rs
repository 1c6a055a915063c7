//! A real DNS server on loopback, over UDP and TCP, that says what a test tells it to.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use hickory_server::Server;
use hickory_server::net::runtime::Time;
use hickory_server::proto::op::{Header, HeaderCounts, Metadata, ResponseCode};
use hickory_server::proto::rr::rdata::TXT;
use hickory_server::proto::rr::{Name, RData, Record, RecordType};
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo};
use hickory_server::zone_handler::MessageResponseBuilder;
use tokio::net::{TcpListener, UdpSocket};

const TCP_TIMEOUT: Duration = Duration::from_secs(5);
const TCP_BUFFER: usize = 8;

/// The server. Gone when dropped.
pub struct Dns {
    pub address: SocketAddr,
    zone: Zone,
    _server: Server<Zone>,
}

/// What is known, by name in lower case without its final dot. Whatever is not there does not exist.
#[derive(Clone, Default)]
struct Zone(Arc<Mutex<HashMap<String, Entry>>>);

#[derive(Default)]
struct Entry {
    texts: Vec<String>,
    /// One list for each time somebody asks; the last one stays.
    addresses: Vec<Vec<IpAddr>>,
    trouble: Option<Trouble>,
    questions: Vec<RecordType>,
}

#[derive(Clone, Copy)]
enum Trouble {
    Fails,
    IsSilent,
}

impl Dns {
    pub async fn start() -> Self {
        // The same port for both, as name servers have it; another process may hold the TCP one.
        let (udp, tcp) = loop {
            let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()).await {
                break (udp, tcp);
            }
        };
        let address = udp.local_addr().unwrap();
        let zone = Zone::default();
        let mut server = Server::new(zone.clone());
        server.register_socket(udp);
        server.register_listener(tcp, TCP_TIMEOUT, TCP_BUFFER);
        Self {
            address,
            zone,
            _server: server,
        }
    }

    /// Publishes one more TXT record.
    pub fn publish(&self, name: &str, text: &str) {
        self.change(name, |entry| entry.texts.push(text.to_owned()));
    }

    /// Takes every record of a name away, and ends its trouble.
    pub fn withdraw(&self, name: &str) {
        self.change(name, |entry| {
            entry.texts.clear();
            entry.addresses.clear();
            entry.trouble = None;
        });
    }

    /// Gives a name its addresses.
    pub fn point(&self, name: &str, addresses: &[&str]) {
        self.rebind(name, &[addresses]);
    }

    /// Gives a name other addresses each time somebody asks.
    pub fn rebind(&self, name: &str, answers: &[&[&str]]) {
        let parse = |list: &&[&str]| list.iter().map(|text| text.parse().unwrap()).collect();
        let answers = answers.iter().map(parse).collect();
        self.change(name, |entry| entry.addresses = answers);
    }

    /// Answers SERVFAIL for a name.
    pub fn fail(&self, name: &str) {
        self.change(name, |entry| entry.trouble = Some(Trouble::Fails));
    }

    /// Answers nothing at all for a name.
    pub fn silence(&self, name: &str) {
        self.change(name, |entry| entry.trouble = Some(Trouble::IsSilent));
    }

    /// Ends the trouble of a name; its records are there again.
    pub fn recover(&self, name: &str) {
        self.change(name, |entry| entry.trouble = None);
    }

    /// How often a name was asked for, and for what.
    pub fn questions(&self, name: &str) -> Vec<RecordType> {
        let zone = self.zone.lock();
        zone.get(name)
            .map(|entry| entry.questions.clone())
            .unwrap_or_default()
    }

    /// Questions about any name.
    pub fn all_questions(&self) -> usize {
        self.zone.lock().values().map(|entry| entry.questions.len()).sum()
    }

    fn change(&self, name: &str, change: impl FnOnce(&mut Entry)) {
        change(self.zone.lock().entry(name.to_owned()).or_default());
    }
}

impl Zone {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.0.lock().unwrap()
    }

    /// The records to answer with, or the trouble.
    fn answer(&self, name: &str, kind: RecordType) -> Result<Vec<RData>, Trouble> {
        let mut zone = self.lock();
        let entry = zone.entry(name.to_owned()).or_default();
        let earlier = entry.questions.iter().filter(|asked| **asked == kind).count();
        entry.questions.push(kind);
        if let Some(trouble) = entry.trouble {
            return Err(trouble);
        }
        let turn = earlier.min(entry.addresses.len().saturating_sub(1));
        let addresses = entry.addresses.get(turn).cloned().unwrap_or_default();
        Ok(match kind {
            RecordType::TXT => {
                let texts = entry.texts.iter();
                texts
                    .map(|text| RData::TXT(TXT::new(vec![text.clone()])))
                    .collect()
            }
            RecordType::A => addresses
                .into_iter()
                .filter(IpAddr::is_ipv4)
                .map(RData::from)
                .collect(),
            RecordType::AAAA => addresses
                .into_iter()
                .filter(IpAddr::is_ipv6)
                .map(RData::from)
                .collect(),
            _ => Vec::new(),
        })
    }

    fn exists(&self, name: &str) -> bool {
        let zone = self.lock();
        zone.get(name)
            .is_some_and(|entry| !entry.texts.is_empty() || !entry.addresses.is_empty())
    }
}

#[async_trait::async_trait]
impl RequestHandler for Zone {
    async fn handle_request<R: ResponseHandler, T: Time>(
        &self,
        request: &Request,
        mut response: R,
    ) -> ResponseInfo {
        let info = request.request_info().unwrap();
        let name = Name::from(info.query.name());
        let plain = name.to_ascii().to_lowercase();
        let plain = plain.trim_end_matches('.');
        let mut metadata = Metadata::response_from_request(info.metadata);
        let records: Vec<Record> = match self.answer(plain, info.query.query_type()) {
            Ok(data) => data
                .into_iter()
                .map(|data| Record::from_rdata(name.clone(), 60, data))
                .collect(),
            Err(Trouble::Fails) => {
                metadata.response_code = ResponseCode::ServFail;
                Vec::new()
            }
            Err(Trouble::IsSilent) => return unsaid(metadata),
        };
        if metadata.response_code == ResponseCode::NoError && !self.exists(plain) {
            metadata.response_code = ResponseCode::NXDomain;
        }
        let message = MessageResponseBuilder::from_message_request(request);
        let message = message.build(metadata, records.iter(), [], [], []);
        match response.send_response(message).await {
            Ok(info) => info,
            // Whoever asked has gone.
            Err(_) => unsaid(metadata),
        }
    }
}

fn unsaid(metadata: Metadata) -> ResponseInfo {
    let counts = HeaderCounts::default();
    ResponseInfo::from(Header { metadata, counts })
}
