//! The HTTP face: every route on this page, REST, the pages, health. May import `service` and `realtime`. Decides nothing about tickets.

mod api;
mod health;
mod pages;

use actix_web::http::Method;
use actix_web::middleware::DefaultHeaders;
use actix_web::{HttpResponse, web};

use crate::realtime::{Server, SocketLayers};
use crate::service::TicketService;

pub use api::Api;
pub use health::Health;
pub use pages::Pages;

/// The real-time face of the ticket application.
pub type SocketServer = Server<SocketLayers<TicketService>>;

/// What a page may load and do: only what this server serves.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Every route of the server.
pub fn routes(
    server: web::Data<SocketServer>,
    api: web::Data<Api>,
    health: web::Data<Health>,
    pages: web::Data<Pages>,
) -> impl Fn(&mut web::ServiceConfig) {
    move |config| {
        let socket_io = || web::resource(["/socket.io/", "/socket.io"]).to(SocketServer::handle);
        let get = |path: &str| web::resource(path).default_service(web::to(method_not_allowed));
        config
            .app_data(server.clone())
            .app_data(api.clone())
            .app_data(health.clone())
            .app_data(pages.clone())
            .service(socket_io())
            .service(get("/health").route(web::get().to(health::alive)).route(web::head().to(health::alive)))
            .service(get("/ready").route(web::get().to(health::ready)).route(web::head().to(health::ready)))
            .service(api::scope())
            .service(
                web::scope("")
                    .wrap(security_headers())
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
