//! Asking the DNS: which addresses a name has, and which texts a domain's owner has published.
//!
//! Nothing is remembered between two questions. Whoever has just published the record that proves their domain wants it seen now, and an address that is about
//! to be checked must be the one that is about to be used. Names are asked for as they are: the search list of the machine would make another name of them.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};

use crate::error::{Error, Result};

/// How long one server may think about one question; it is asked twice.
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks the DNS. Clones share the sockets.
#[derive(Clone)]
pub struct Resolver(TokioResolver);

/// The DNS could not say: it was silent, failed or refused. That is not the same as saying that there is nothing.
#[derive(Clone, Debug)]
pub struct Unanswered(pub String);

impl Resolver {
    /// Asks this server, or without one those of the machine.
    pub fn new(server: Option<SocketAddr>) -> Result<Self> {
        let mut builder = match server {
            Some(server) => {
                let config = ResolverConfig::from_name_servers(vec![name_server(server)]);
                TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
            }
            None => TokioResolver::builder_tokio().map_err(Error::internal)?,
        };
        let options = builder.options_mut();
        options.cache_size = 0;
        options.timeout = PATIENCE;
        options.attempts = 1;
        // Both families, so that whoever checks addresses sees every one that could be connected to.
        options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
        Ok(Self(builder.build().map_err(Error::internal)?))
    }

    /// Every address of a name; none when there is no such name.
    pub async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, Unanswered> {
        match self.0.lookup_ip(whole(host)?).await {
            Ok(found) => Ok(found.iter().collect()),
            Err(error) => nothing(&error),
        }
    }

    /// The TXT records of a name, each in one piece.
    pub async fn texts(&self, name: &str) -> Result<Vec<String>, Unanswered> {
        match self.0.lookup(whole(name)?, RecordType::TXT).await {
            Ok(found) => Ok(found
                .answers()
                .iter()
                .filter_map(|record| match &record.data {
                    RData::TXT(text) => Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
                    _ => None,
                })
                .collect()),
            Err(error) => nothing(&error),
        }
    }
}

fn name_server(address: SocketAddr) -> NameServerConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = address.port();
        connection
    });
    NameServerConfig::new(address.ip(), true, connections.into())
}

fn whole(name: &str) -> Result<Name, Unanswered> {
    let mut name = Name::from_ascii(name).map_err(|error| Unanswered(error.to_string()))?;
    name.set_fqdn(true);
    Ok(name)
}

/// A server that says "there is none" has answered; one that says it cannot tell has not.
fn nothing<T>(error: &NetError) -> Result<Vec<T>, Unanswered> {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(none))
            if matches!(none.response_code, ResponseCode::NoError | ResponseCode::NXDomain) =>
        {
            Ok(Vec::new())
        }
        other => Err(Unanswered(other.to_string())),
    }
}
