//! The way out to servers an administrator named: what is refused leaves no packet, and what is allowed goes where it was checked to go.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use axum::routing::{any, get};
use futures::StreamExt;
use hickory_server::proto::rr::RecordType;
use muster::platform::outbound::{Forbidden, Outbound, OutboundError, OutboundSettings};
use muster::platform::resolver::Resolver;
use rstest::rstest;
use tokio::net::TcpListener;

use crate::support::Dns;

/// Something that must not be reached: counts who connects, whether or not they say anything.
struct Canary {
    address: SocketAddr,
    hits: Arc<AtomicUsize>,
}

impl Canary {
    async fn listen(address: &str) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let hits = Arc::new(AtomicUsize::new(0));
        let counted = hits.clone();
        tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                counted.fetch_add(1, Ordering::Relaxed);
            }
        });
        Self { address, hits }
    }

    /// Connections so far, after those under way have had time to arrive.
    async fn hits(&self) -> usize {
        tokio::time::sleep(Duration::from_millis(50)).await;
        self.hits.load(Ordering::Relaxed)
    }
}

async fn serve(router: Router) -> SocketAddr {
    serve_at("127.0.0.1:0", router).await
}

async fn serve_at(address: &str, router: Router) -> SocketAddr {
    let listener = TcpListener::bind(address).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

fn outbound(dns: &Dns, allows_private: bool) -> Outbound {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let resolver = Resolver::new(Some(dns.address)).unwrap();
    Outbound::new(OutboundSettings {
        resolver,
        allows_private,
    })
    .unwrap()
}

async fn fetch(outbound: &Outbound, url: &str) -> Result<http::Response<Vec<u8>>, OutboundError> {
    let request = http::Request::get(url).body(Vec::new()).unwrap();
    outbound.send(request).await
}

fn forbidden(answer: Result<http::Response<Vec<u8>>, OutboundError>) -> Forbidden {
    match answer {
        Err(OutboundError::NotAllowed(forbidden)) => forbidden,
        other => panic!("it was not refused: {other:?}"),
    }
}

#[tokio::test]
async fn no_way_of_writing_an_address_of_ours_sends_a_packet() {
    let dns = Dns::start().await;
    let canary = Canary::listen("127.0.0.1:0").await;
    let outbound = outbound(&dns, false);
    let port = canary.address.port();
    for host in [
        "127.0.0.1",
        "127.1",
        "0",
        "0.0.0.0",
        "2130706433",
        "017700000001",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "127.0.0.1.",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[fd00::1]",
        "169.254.169.254",
        "10.0.0.1",
        "localhost",
        "localhost.",
        "canary.localhost",
        "xn--localhost-7ya",
        "xn--bcher-kva.example",
        "login.acme.example.",
    ] {
        let answer = fetch(&outbound, &format!("https://{host}:{port}/")).await;
        assert_eq!(forbidden(answer), Forbidden::Host, "{host}");
    }
    for (url, expected) in [
        (format!("http://127.0.0.1:{port}/"), Forbidden::NotHttps),
        (format!("http://login.acme.example:{port}/"), Forbidden::NotHttps),
        (
            format!("https://admin:admin@login.acme.example:{port}/"),
            Forbidden::UserInfo,
        ),
        ("https://login.acme.example:25/".to_owned(), Forbidden::Port),
    ] {
        assert_eq!(forbidden(fetch(&outbound, &url).await), expected, "{url}");
    }
    assert_eq!(canary.hits().await, 0);
    assert_eq!(dns.all_questions(), 0, "refused before any packet");
}

#[rstest]
#[case::loopback(&["127.0.0.1"])]
#[case::a_mapped_address(&["::ffff:127.0.0.1"])]
#[case::loopback_of_the_new_kind(&["::1"])]
#[case::a_private_one_after_a_public_one(&["9.9.9.9", "127.0.0.1"])]
#[case::a_private_one_of_the_other_family(&["9.9.9.9", "fd00::1"])]
#[case::credentials_of_a_cloud(&["169.254.169.254"])]
#[case::translated(&["64:ff9b::7f00:1"])]
#[tokio::test]
async fn a_name_that_leads_inside_is_refused_whatever_else_it_leads_to(#[case] addresses: &[&str]) {
    let dns = Dns::start().await;
    let canary = Canary::listen("127.0.0.1:0").await;
    dns.point("login.acme.example", addresses);
    let url = format!("https://login.acme.example:{}/", canary.address.port());
    let answer = fetch(&outbound(&dns, false), &url).await;
    assert_eq!(forbidden(answer), Forbidden::Address);
    assert_eq!(canary.hits().await, 0);
}

#[tokio::test]
async fn a_name_is_looked_up_once_and_the_connection_goes_to_what_was_checked() {
    let dns = Dns::start().await;
    let good = serve(Router::new().route("/", get(|| async { "good" }))).await;
    let canary = Canary::listen(&format!("127.0.0.2:{}", good.port())).await;
    dns.rebind("login.acme.example", &[&["127.0.0.1"], &["127.0.0.2"]]);

    let url = format!("http://login.acme.example:{}/", good.port());
    let answer = fetch(&outbound(&dns, true), &url).await.unwrap();
    assert_eq!(answer.into_body(), b"good");
    let mut questions = dns.questions("login.acme.example");
    questions.sort();
    assert_eq!(questions, [RecordType::A, RecordType::AAAA]);
    assert_eq!(canary.hits().await, 0);
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let dns = Dns::start().await;
    let canary = Canary::listen("127.0.0.1:0").await;
    let target = format!("http://{}/latest/meta-data", canary.address);
    let router = Router::new().route("/", any(move || async move { Redirect::temporary(&target) }));
    let address = serve(router).await;

    let answer = fetch(&outbound(&dns, true), &format!("http://{address}/"))
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(canary.hits().await, 0);
}

#[tokio::test]
async fn an_answer_has_a_megabyte_and_no_more_is_read() {
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = sent.clone();
    let endless = move || async move {
        let chunks = futures::stream::iter(0..480).map(move |_| {
            counted.fetch_add(64 * 1024, Ordering::Relaxed);
            Ok::<_, std::io::Error>(vec![b' '; 64 * 1024])
        });
        Body::from_stream(chunks)
    };
    let exact = || async { vec![b' '; 1024 * 1024] };
    let router = Router::new()
        .route("/endless", get(endless))
        .route("/announced", get(|| async { vec![b' '; 30 * 1024 * 1024] }))
        .route("/exact", get(exact));
    let dns = Dns::start().await;
    let (address, outbound) = (serve(router).await, outbound(&dns, true));

    for path in ["endless", "announced"] {
        let answer = fetch(&outbound, &format!("http://{address}/{path}")).await;
        assert!(matches!(answer, Err(OutboundError::TooLarge)), "{path}");
    }
    let sent = sent.load(Ordering::Relaxed);
    assert!(sent < 16 * 1024 * 1024, "{sent} bytes of 30 MB were taken");
    let answer = fetch(&outbound, &format!("http://{address}/exact"))
        .await
        .unwrap();
    assert_eq!(answer.body().len(), 1024 * 1024);
}

#[tokio::test]
async fn what_is_packed_stays_packed() {
    let packed = || async { ([(header::CONTENT_ENCODING, "gzip")], b"\x1f\x8b\x08".to_vec()) };
    let asked = |headers: http::HeaderMap| async move {
        let encodings = headers.get(header::ACCEPT_ENCODING);
        assert_eq!(encodings, None);
        StatusCode::OK.into_response()
    };
    let router = Router::new()
        .route("/packed", get(packed))
        .route("/asked", get(asked));
    let dns = Dns::start().await;
    let (address, outbound) = (serve(router).await, outbound(&dns, true));
    let answer = fetch(&outbound, &format!("http://{address}/packed"))
        .await
        .unwrap();
    assert_eq!(answer.into_body(), b"\x1f\x8b\x08");
    let answer = fetch(&outbound, &format!("http://{address}/asked"))
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn who_dribbles_or_says_nothing_is_left_after_ten_seconds() {
    let dribble = || async {
        let chunks = futures::stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            Some((Ok::<_, std::io::Error>("x"), ()))
        });
        Body::from_stream(chunks)
    };
    let silent = || async { std::future::pending::<()>().await };
    let router = Router::new()
        .route("/dribble", get(dribble))
        .route("/silent", get(silent));
    let dns = Dns::start().await;
    let (address, outbound) = (serve(router).await, outbound(&dns, true));

    let begun = Instant::now();
    let urls = [
        format!("http://{address}/dribble"),
        format!("http://{address}/silent"),
    ];
    for answer in futures::future::join_all(urls.iter().map(|url| fetch(&outbound, url))).await {
        assert!(matches!(answer, Err(OutboundError::TimedOut)), "{answer:?}");
    }
    assert!(begun.elapsed() < Duration::from_secs(12));
}

#[tokio::test]
async fn a_proxy_of_the_environment_is_not_asked() {
    // Set for this test's process only; the client must not look.
    let canary = Canary::listen("127.0.0.1:0").await;
    let program = std::env::current_exe().unwrap();
    let proxy = format!("http://{}", canary.address);
    let run = move || {
        std::process::Command::new(program)
            .args([
                "--exact",
                "outbound::fetches_past_the_proxy",
                "--ignored",
                "--nocapture",
            ])
            .envs(["HTTP_PROXY", "http_proxy", "ALL_PROXY"].map(|name| (name, proxy.clone())))
            .output()
    };
    let output = tokio::task::spawn_blocking(run).await.unwrap().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
    assert_eq!(canary.hits().await, 0);
}

/// Run by the test above, in a process of its own.
#[tokio::test]
#[ignore = "needs the environment the test above gives it"]
async fn fetches_past_the_proxy() {
    let dns = Dns::start().await;
    let address = serve(Router::new().route("/", get(|| async { "good" }))).await;
    let answer = fetch(&outbound(&dns, true), &format!("http://{address}/"))
        .await
        .unwrap();
    assert_eq!(answer.into_body(), b"good");
}

#[tokio::test]
async fn a_name_that_does_not_exist_and_a_dns_that_fails_or_is_silent_are_out_of_reach() {
    let dns = Dns::start().await;
    dns.fail("broken.acme.example");
    dns.silence("silent.acme.example");
    let outbound = outbound(&dns, false);
    for host in ["missing.acme.example", "broken.acme.example"] {
        let answer = fetch(&outbound, &format!("https://{host}/")).await;
        assert!(matches!(answer, Err(OutboundError::Unreachable(_))), "{answer:?}");
    }
}

#[test]
fn production_refuses_the_exception_for_development() {
    use clap::Parser;
    #[derive(Parser)]
    struct Flags {
        #[command(flatten)]
        config: muster::config::Config,
    }
    let flags = [
        "muster",
        "--public-url",
        "https://muster.acme.example",
        "--allow-private-identity-providers",
    ];
    let error = Flags::parse_from(flags).config.check().unwrap_err();
    assert!(
        error
            .public_message()
            .contains("MUSTER_ALLOW_PRIVATE_IDENTITY_PROVIDERS")
    );
    let flags = ["muster", "--allow-private-identity-providers"];
    assert!(
        Flags::parse_from(flags).config.check().is_ok(),
        "at home it is welcome"
    );
}
