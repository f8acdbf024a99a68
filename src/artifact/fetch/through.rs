//! Plain HTTP by way of a proxy: it is asked for the whole address (RFC 9112, section 3.2.2). A tunnel, as encrypted
//! connections need it, is what many proxies dig to port 443 alone.

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, NextTimeout, TcpConnector, Transport,
};
use ureq::{Agent, Error, Proxy};

const GET: &[u8] = b"GET ";

/// An agent that asks a proxy for everything.
pub(super) fn agent(config: Config, proxy: &Proxy) -> Agent {
    let connector = ().chain(TcpConnector::default()).chain(WholeAddress);
    Agent::with_parts(config, connector, Proxys(proxy.uri().clone()))
}

/// Whatever host is wanted, the proxy is where it is asked for.
#[derive(Debug)]
struct Proxys(Uri);

impl Resolver for Proxys {
    fn resolve(&self, _: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        DefaultResolver::default().resolve(&self.0, config, timeout)
    }
}

#[derive(Debug)]
struct WholeAddress;

impl<In: Transport> Connector<In> for WholeAddress {
    type Out = Asking<In>;

    fn connect(&self, details: &ConnectionDetails, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        let host = details.uri.host().unwrap_or_default();
        let port = details.uri.port_u16().map(|port| format!(":{port}"));
        let host = format!("http://{host}{}", port.unwrap_or_default());
        Ok(chained.map(|inner| Asking { inner, host }))
    }
}

/// A connection to a proxy on which one host is asked for.
#[derive(Debug)]
struct Asking<In> {
    inner: In,
    host: String,
}

impl<In: Transport> Transport for Asking<In> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let host = self.host.as_bytes();
        let output = self.inner.buffers().output();
        if !output[..amount].starts_with(b"GET /") {
            return self.inner.transmit_output(amount, timeout);
        }
        let longer = amount + host.len();
        if longer > output.len() {
            return Err(Error::BadUri(self.host.clone()));
        }
        output.copy_within(GET.len()..amount, GET.len() + host.len());
        output[GET.len()..GET.len() + host.len()].copy_from_slice(host);
        self.inner.transmit_output(longer, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}
