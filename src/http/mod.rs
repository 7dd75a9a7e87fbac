//! The HTTP face: every route on this page, REST, the client script, the pages, health. May import `service` and `realtime`. Decides nothing
//! about tickets.

mod api;
mod client;
mod health;
mod joined;
mod metrics;
mod pages;

use actix_web::http::Method;
use actix_web::middleware::DefaultHeaders;
use actix_web::{HttpResponse, web};

use crate::realtime::{Server, SocketLayers};
use crate::service::TicketService;

pub use api::Api;
pub use client::{BadClient, Client, ClientSource};
pub use health::Health;
pub use metrics::Metrics;
pub use pages::Pages;

/// The real-time face of the ticket application.
pub type SocketServer = Server<SocketLayers<TicketService>>;

/// The module by which the pages know where the endpoint is.
const SOCKET_PATH: &str = "/lib/socket-path.js";

/// What a page may load and do: only what this server serves.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Every route of the server. `socket_path` is the endpoint's, without a slash at its end.
pub fn routes(
    socket_path: &str,
    server: web::Data<SocketServer>,
    api: web::Data<Api>,
    health: web::Data<Health>,
    metrics: web::Data<Metrics>,
    client: web::Data<Client>,
    pages: web::Data<Pages>,
) -> impl Fn(&mut web::ServiceConfig) + use<> {
    let [bare, slash, scripts] = ["", "/", "/{file}"].map(|end| format!("{socket_path}{end}"));
    move |config| {
        let get = |path: &str| web::resource(path).default_service(web::to(method_not_allowed));
        config
            .app_data(server.clone())
            .app_data(api.clone())
            .app_data(health.clone())
            .app_data(metrics.clone())
            .app_data(client.clone())
            .app_data(pages.clone())
            .service(web::resource([slash.as_str(), bare.as_str()]).to(SocketServer::handle))
            .service(get(&scripts).route(web::get().to(client::script)).route(web::head().to(client::script)))
            .service(get("/health").route(web::get().to(health::alive)).route(web::head().to(health::alive)))
            .service(get("/ready").route(web::get().to(health::ready)).route(web::head().to(health::ready)))
            .service(get("/metrics").route(web::get().to(metrics::show)).route(web::head().to(metrics::show)))
            .service(api::scope())
            .service(
                web::scope("")
                    .wrap(security_headers())
                    .service(get(SOCKET_PATH).route(web::get().to(client::socket_path)).route(web::head().to(client::socket_path)))
                    .service(get("/t/{token}").route(web::get().to(pages::ticket)).route(web::head().to(pages::ticket)))
                    .service(get("/{path:.*}").route(web::get().to(pages::page)).route(web::head().to(pages::page))),
            );
    }
}

fn security_headers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add(("Content-Security-Policy", CONTENT_SECURITY_POLICY))
        .add(("X-Content-Type-Options", "nosniff"))
        .add(("Referrer-Policy", "no-referrer"))
        .add(("Cross-Origin-Opener-Policy", "same-origin"))
        .add(("Permissions-Policy", "camera=(), geolocation=(), microphone=()"))
}

async fn method_not_allowed(method: Method) -> HttpResponse {
    log::debug!("{method} is not allowed here");
    HttpResponse::MethodNotAllowed().insert_header(("Allow", "GET, HEAD")).finish()
}
