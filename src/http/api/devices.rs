//! Owns the REST of the paired screens. Decides nothing.

use actix_web::{HttpRequest, HttpResponse, web};

use super::{Context, Id, body::read, carry_out, carry_out_in_branch, resource};
use crate::service::{Ask, Knock};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(resource("/pairing", "POST").route(web::post().to(pair)))
        .service(resource("/pairing/claim", "POST").route(web::post().to(claim)))
        .service(resource("/devices", "GET, HEAD, POST").get(devices).route(web::post().to(add)))
        .service(
            resource("/devices/{id}", "GET, HEAD, PUT, DELETE").get(device).route(web::put().to(rename)).route(web::delete().to(revoke)),
        );
}

async fn pair(api: Context, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    let ask = read(&request, payload).await.map(|body| Ask::Door(Knock::Pair(body)));
    carry_out(&api, &request, ask).await
}

async fn claim(api: Context, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    let ask = read(&request, payload).await.map(|body| Ask::Door(Knock::Claim(body)));
    carry_out(&api, &request, ask).await
}

/// Those of one branch, or of all where whoever asks may keep them.
async fn devices(api: Context, request: HttpRequest) -> HttpResponse {
    carry_out_in_branch(&api, &request, Ok(Ask::Door(Knock::Devices))).await
}

async fn add(api: Context, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    let ask = read(&request, payload).await.map(|body| Ask::Door(Knock::AddDevice(body)));
    carry_out(&api, &request, ask).await
}

async fn device(api: Context, request: HttpRequest, id: Id) -> HttpResponse {
    carry_out(&api, &request, Ok(Ask::Door(Knock::Device(id.into_inner())))).await
}

async fn rename(api: Context, request: HttpRequest, id: Id, payload: web::Payload) -> HttpResponse {
    let ask = read(&request, payload).await.map(|body| Ask::Door(Knock::RenameDevice(id.into_inner(), body)));
    carry_out(&api, &request, ask).await
}

async fn revoke(api: Context, request: HttpRequest, id: Id) -> HttpResponse {
    carry_out(&api, &request, Ok(Ask::Door(Knock::RevokeDevice(id.into_inner())))).await
}
