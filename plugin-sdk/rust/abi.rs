// SPDX-License-Identifier: Apache-2.0
//! The C headers of the plugin ABI in Rust, name by name; they say what each thing means.
//! Generated from plugin-sdk/include by plugin-sdk/tools/rust.py: change the headers, then run it.
#![allow(non_camel_case_types)]
use std::os::raw::{c_char, c_void};

pub const GW_ABI_MAJOR: i64 = 1;
pub const GW_ABI_MINOR: i64 = 0;
pub const GW_ABI_DRAFT: i64 = 2;
pub const GW_OK: i64 = 0;
pub const GW_E_INVALID: i64 = -1;
pub const GW_E_BADVALUE: i64 = -2;
pub const GW_E_STATE: i64 = -3;
pub const GW_E_NOTFOUND: i64 = -4;
pub const GW_E_EXISTS: i64 = -5;
pub const GW_E_TOOBIG: i64 = -6;
pub const GW_E_BUSY: i64 = -7;
pub const GW_E_UNSUPPORTED: i64 = -8;
pub const GW_E_TIMEOUT: i64 = -9;
pub const GW_E_CONNECT: i64 = -10;
pub const GW_E_PROTOCOL: i64 = -11;
pub const GW_E_NOMEM: i64 = -12;
pub const GW_E_CHANGED: i64 = -13;
pub const GW_CONTINUE: i64 = 0;
pub const GW_RESPOND: i64 = 1;
pub const GW_PAUSE: i64 = 2;
pub const GW_FAIL: i64 = 3;
pub const GW_REDISPATCH: i64 = 4;
pub const GW_LOG_DEBUG: i64 = 0;
pub const GW_LOG_INFO: i64 = 1;
pub const GW_LOG_NOTICE: i64 = 2;
pub const GW_LOG_WARN: i64 = 3;
pub const GW_LOG_ERROR: i64 = 4;
pub const GW_REQUEST: i64 = 0;
pub const GW_RESPONSE: i64 = 1;
pub const GW_METHOD: i64 = 1;
pub const GW_SCHEME: i64 = 2;
pub const GW_PATH: i64 = 3;
pub const GW_QUERY: i64 = 4;
pub const GW_RAW_TARGET: i64 = 5;
pub const GW_HOST: i64 = 6;
pub const GW_CLIENT_IP: i64 = 7;
pub const GW_PEER_IP: i64 = 8;
pub const GW_REQUEST_ID: i64 = 9;
pub const GW_ROUTE_ID: i64 = 10;
pub const GW_ROUTE_NAME: i64 = 11;
pub const GW_SERVICE_ID: i64 = 12;
pub const GW_SERVICE_NAME: i64 = 13;
pub const GW_UPSTREAM_PATH: i64 = 14;
pub const GW_UPSTREAM_HOST: i64 = 15;
pub const GW_UPSTREAM_SCHEME: i64 = 16;
pub const GW_TARGET_HOST: i64 = 17;
pub const GW_TARGET_IP: i64 = 18;
pub const GW_ABORT_REASON: i64 = 19;
pub const GW_ERROR_CODE: i64 = 20;
pub const GW_FORWARDED_SCHEME: i64 = 21;
pub const GW_FORWARDED_HOST: i64 = 22;
pub const GW_UPSTREAM_NAME: i64 = 23;
pub const GW_SERVER_IP: i64 = 24;
pub const GW_CLIENT_CERT: i64 = 25;
pub const GW_CLIENT_CERT_SUBJECT: i64 = 26;
pub const GW_CLIENT_CERT_FINGERPRINT: i64 = 27;
pub const GW_STATUS: i64 = 100;
pub const GW_UPSTREAM_STATUS: i64 = 101;
pub const GW_HTTP_MINOR: i64 = 102;
pub const GW_PEER_PORT: i64 = 103;
pub const GW_SERVER_PORT: i64 = 104;
pub const GW_TARGET_PORT: i64 = 105;
pub const GW_ATTEMPTS: i64 = 106;
pub const GW_START_UNIX_NS: i64 = 107;
pub const GW_NS_REQUEST_PHASE: i64 = 108;
pub const GW_NS_UPSTREAM_SENT: i64 = 109;
pub const GW_NS_UPSTREAM_HEAD: i64 = 110;
pub const GW_NS_TOTAL: i64 = 111;
pub const GW_BYTES_IN: i64 = 112;
pub const GW_BYTES_OUT: i64 = 113;
pub const GW_BODY_BYTES_IN: i64 = 114;
pub const GW_BODY_BYTES_OUT: i64 = 115;
pub const GW_FLAGS: i64 = 116;
pub const GW_FORWARDED_PORT: i64 = 117;
pub const GW_CONTENT_LENGTH: i64 = 118;
pub const GW_CONNECTION_SERIAL: i64 = 119;
pub const GW_CONNECTION_REQUESTS: i64 = 120;
pub const GW_F_LOCAL_REPLY: i64 = 1;
pub const GW_F_TLS: i64 = 2;
pub const GW_F_PEER_TRUSTED: i64 = 4;
pub const GW_F_PREFLIGHT: i64 = 8;
pub const GW_BORROW: i64 = 1;
pub const GW_PLAIN_JSON: i64 = 1;
pub const GW_NO_BODY: i64 = 2;
pub const GW_ALLOW: i64 = 1;
pub const GW_DENY: i64 = 2;
pub const GW_LIMIT: i64 = 3;
pub const GW_CHANGE: i64 = 4;
pub const GW_SKIP: i64 = 5;
pub const GW_PHASE_NONE: i64 = 0;
pub const GW_PHASE_REWRITE: i64 = 1;
pub const GW_PHASE_REQUEST: i64 = 2;
pub const GW_PHASE_REQUEST_BODY: i64 = 3;
pub const GW_PHASE_UPSTREAM: i64 = 4;
pub const GW_PHASE_RESPONSE: i64 = 5;
pub const GW_PHASE_RESPONSE_BODY: i64 = 6;
pub const GW_PHASE_LOG: i64 = 7;
pub const GW_BODY_NONE: i64 = 0;
pub const GW_BODY_OBSERVE: i64 = 1;
pub const GW_BODY_MODIFY: i64 = 2;
pub const GW_BODY_BUFFER: i64 = 3;
pub const GW_OVERFLOW_REFUSE: i64 = 0;
pub const GW_OVERFLOW_PASS: i64 = 1;
pub const GW_LAST: i64 = 1;
pub const GW_OVERFLOW: i64 = 2;
pub const GW_NOTE_TYPE: i64 = 1;
pub const GW_NOTE_NAMES: i64 = 64;
pub const GW_P_SECURITY: i64 = 1;
pub const GW_P_NO_ROUTE: i64 = 2;
pub const GW_P_NO_SERVICE: i64 = 4;
pub const GW_P_NO_CONSUMER: i64 = 8;
pub const GW_P_AUTH: i64 = 16;
pub const GW_P_BODY_ASKED: i64 = 32;
pub const GW_ADMIN_BODY_MAX: i64 = 1048576;
pub const GW_PICK_DEFAULT: u32 = 0xFFFFFFFF;
pub const GW_PICK_NONE: u32 = 0xFFFFFFFE;
pub const GW_J_ABSENT: i64 = 0;
pub const GW_J_NULL: i64 = (0) + 1;
pub const GW_J_BOOL: i64 = ((0) + 1) + 1;
pub const GW_J_INT: i64 = (((0) + 1) + 1) + 1;
pub const GW_J_FLOAT: i64 = ((((0) + 1) + 1) + 1) + 1;
pub const GW_J_STRING: i64 = (((((0) + 1) + 1) + 1) + 1) + 1;
pub const GW_J_ARRAY: i64 = ((((((0) + 1) + 1) + 1) + 1) + 1) + 1;
pub const GW_J_OBJECT: i64 = (((((((0) + 1) + 1) + 1) + 1) + 1) + 1) + 1;
pub const GW_ID_ANONYMOUS: i64 = 1;
pub const GW_KV_MAX: i64 = 208;
pub const GW_KV_COUNTER: i64 = 1;
pub const GW_POST_MAX: i64 = 4096;
pub const GW_FD_READ: i64 = 1;
pub const GW_FD_WRITE: i64 = 2;
pub const GW_FD_ERROR: i64 = 4;
pub const GW_DYN_SERIES_MAX: i64 = 1000;
pub const GW_COUNTER: i64 = 1;
pub const GW_GAUGE: i64 = 2;
pub const GW_HISTOGRAM: i64 = 3;
pub const GW_POOL_THREADS: i64 = 4;
pub const GW_POOL_MAX: i64 = 1024;
pub const GW_PLUGIN_ADMIN_EXT: &str = "gw.plugin.admin/1";
pub const GW_PLUGIN_BALANCER_EXT: &str = "gw.plugin.balancer/1";
pub const GW_CONFIG_API: &str = "gw.config/1";
pub const GW_PLUGIN_CONFIGURE_EXT: &str = "gw.plugin.configure/1";
pub const GW_CONSUMERS_API: &str = "gw.consumers/1";
pub const GW_SLOT_CONSUMER: &str = "gw.consumer/1";
pub const GW_HTTP_API: &str = "gw.http/1";
pub const GW_KV_API: &str = "gw.kv/1";
pub const GW_SLOT_LOG: &str = "gw.log/1";
pub const GW_LOOP_API: &str = "gw.loop/1";
pub const GW_MEMORY_API: &str = "gw.memory/1";
pub const GW_METRICS_API: &str = "gw.metrics/1";
pub const GW_OTHER_SERIES: &str = "_other";
pub const GW_POOL_API: &str = "gw.pool/1";
pub const GW_TLS_API: &str = "gw.tls/1";
pub const GW_PLUGIN_TLS_EXT: &str = "gw.plugin.tls/1";
pub const GW_SLOT_TRACE: &str = "gw.trace/1";

pub type gw_status = i32;
pub type gw_action = i32;
pub type gw_hid = u32;
pub type gw_slot = u32;
pub type gw_metric = u32;
pub type gw_store = u32;
pub type gw_handle = u64;
pub type gw_token = u64;
pub type gw_log_level = i32;
pub type gw_http_cb = Option<unsafe extern "C" fn(worker: *mut gw_worker, result: *const gw_http_result, ud: *mut c_void)>;
pub type gw_timer_cb = Option<unsafe extern "C" fn(worker: *mut gw_worker, ud: *mut c_void)>;
pub type gw_post_cb = Option<unsafe extern "C" fn(worker: *mut gw_worker, ud: *mut c_void)>;
pub type gw_fd_cb = Option<unsafe extern "C" fn(worker: *mut gw_worker, fd: i32, events: u32, ud: *mut c_void)>;
pub type gw_account = u32;
pub type gw_job = Option<unsafe extern "C" fn(ud: *mut c_void)>;
pub type gw_job_done = Option<unsafe extern "C" fn(worker: *mut gw_worker, status: gw_status, ud: *mut c_void)>;
pub type gw_certificate = u64;
#[repr(C)]
pub struct gw_worker {
    _opaque: [u8; 0],
}
#[repr(C)]
pub struct gw_cfg {
    _opaque: [u8; 0],
}
#[repr(C)]
pub struct gw_page {
    _opaque: [u8; 0],
}
#[repr(C)]
pub struct gw_collection {
    _opaque: [u8; 0],
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_str {
    pub p: *const c_char,
    pub n: usize,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_kv {
    pub k: gw_str,
    pub v: gw_str,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_error {
    pub size: u32,
    pub code: i32,
    pub msg: [c_char; 504 as usize],
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_host {
    pub size: u32,
    pub major: u16,
    pub minor: u16,
    pub flags: u32,
    pub rsv: u32,
    pub log_level: *const i32,
    pub get_api: Option<unsafe extern "C" fn(host: *const gw_host, id: *const c_char) -> *const c_void>,
    pub resume: Option<unsafe extern "C" fn(host: *const gw_host, token: gw_token, value: i64) -> gw_status>,
    pub log: Option<unsafe extern "C" fn(host: *const gw_host, me: *const gw_self, level: gw_log_level, text: gw_str, kv: *const gw_kv, nkv: u32)>,
    pub unix_ns: Option<unsafe extern "C" fn(host: *const gw_host) -> u64>,
    pub mono_ns: Option<unsafe extern "C" fn(host: *const gw_host) -> u64>,
    pub random: Option<unsafe extern "C" fn(host: *const gw_host, out: *mut c_void, n: usize)>,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_field {
    pub name: gw_str,
    pub value: gw_str,
    pub id: gw_hid,
    pub flags: u32,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_response {
    pub size: u32,
    pub status: i32,
    pub flags: u32,
    pub nheaders: u32,
    pub headers: *const gw_field,
    pub code: gw_str,
    pub message: gw_str,
    pub content_type: gw_str,
    pub body: gw_str,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_attempt {
    pub size: u32,
    pub status: i32,
    pub ip: gw_str,
    pub port: i32,
    pub state: i32,
    pub start_ns: u64,
    pub connect_ns: u64,
    pub end_ns: u64,
    pub host: gw_str,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_req_api {
    pub size: u32,
    pub rsv: u32,
    pub get: Option<unsafe extern "C" fn(r: *mut gw_req, what: u32) -> gw_str>,
    pub get_i64: Option<unsafe extern "C" fn(r: *mut gw_req, what: u32) -> i64>,
    pub set: Option<unsafe extern "C" fn(r: *mut gw_req, what: u32, value: gw_str) -> gw_status>,
    pub hdr_get: Option<unsafe extern "C" fn(r: *mut gw_req, map: u32, id: gw_hid) -> gw_str>,
    pub hdr_all: Option<unsafe extern "C" fn(r: *mut gw_req, map: u32, id: gw_hid, out: *mut gw_str, cap: u32) -> u32>,
    pub hdr_find: Option<unsafe extern "C" fn(r: *mut gw_req, map: u32, name: gw_str) -> gw_str>,
    pub hdr_list: Option<unsafe extern "C" fn(r: *mut gw_req, map: u32, out: *mut gw_field, cap: u32) -> u32>,
    pub hdr_set: Option<unsafe extern "C" fn(r: *mut gw_req, map: u32, id: gw_hid, value: gw_str, flags: u32) -> gw_status>,
    pub hdr_add: Option<unsafe extern "C" fn(r: *mut gw_req, map: u32, id: gw_hid, value: gw_str, flags: u32) -> gw_status>,
    pub hdr_remove: Option<unsafe extern "C" fn(r: *mut gw_req, map: u32, id: gw_hid) -> gw_status>,
    pub respond: Option<unsafe extern "C" fn(r: *mut gw_req, response: *const gw_response) -> gw_status>,
    pub pause: Option<unsafe extern "C" fn(r: *mut gw_req, timeout_ms: u32) -> gw_token>,
    pub decide: Option<unsafe extern "C" fn(r: *mut gw_req, verdict: i32, code: gw_str, rule: gw_str, text: gw_str)>,
    pub alloc: Option<unsafe extern "C" fn(r: *mut gw_req, n: usize, align: usize) -> *mut c_void>,
    pub slot_get: Option<unsafe extern "C" fn(r: *mut gw_req, slot: gw_slot) -> *mut c_void>,
    pub slot_put: Option<unsafe extern "C" fn(r: *mut gw_req, slot: gw_slot, value: *mut c_void, drop: Option<unsafe extern "C" fn(*mut c_void)>) -> gw_status>,
    pub set_status: Option<unsafe extern "C" fn(r: *mut gw_req, status: i32) -> gw_status>,
    pub attempts: Option<unsafe extern "C" fn(r: *mut gw_req, out: *mut gw_attempt, cap: u32) -> u32>,
    pub body_mode: Option<unsafe extern "C" fn(r: *mut gw_req, map: u32, mode: u32, limit: u64, overflow: u32) -> gw_status>,
    pub body_emit: Option<unsafe extern "C" fn(r: *mut gw_req, map: u32, bytes: gw_str, release: Option<unsafe extern "C" fn(ud: *mut c_void)>, ud: *mut c_void) -> gw_status>,
    pub redispatch: Option<unsafe extern "C" fn(r: *mut gw_req, upstream: gw_str) -> gw_status>,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_req {
    pub v: *const gw_req_api,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_self {
    pub inst: *mut c_void,
    pub worker_state: *mut c_void,
    pub req_state: *mut c_void,
    pub worker: *mut gw_worker,
    pub phase: u32,
    pub flags: u32,
    pub rsv: [*mut c_void; 2 as usize],
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_chunk {
    pub p: *const u8,
    pub n: usize,
    pub flags: u32,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_instance_args {
    pub size: u32,
    pub rsv: u32,
    pub host: *const gw_host,
    pub cfg: *mut gw_cfg,
    pub key: gw_str,
    pub generation: u64,
    pub prev: *mut c_void,
    pub route_id: gw_str,
    pub service_id: gw_str,
    pub consumer_id: gw_str,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_collection_desc {
    pub size: u32,
    pub flags: u32,
    pub name: *const c_char,
    pub schema: *const c_char,
    pub key: *const c_char,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_plugin_desc {
    pub size: u32,
    pub flags: u32,
    pub name: *const c_char,
    pub version: *const c_char,
    pub schema: *const c_char,
    pub priority: i32,
    pub protocols: u32,
    pub req_state_size: u32,
    pub req_state_align: u32,
    pub collections: *const *const gw_collection_desc,
    pub ncollections: u32,
    pub rsv: u32,
    pub plugin_init: Option<unsafe extern "C" fn(*const gw_host, plugin: *mut *mut c_void, *mut gw_error) -> gw_status>,
    pub instance_new: Option<unsafe extern "C" fn(*const gw_instance_args, inst: *mut *mut c_void, *mut gw_error) -> gw_status>,
    pub instance_free: Option<unsafe extern "C" fn(inst: *mut c_void)>,
    pub worker_start: Option<unsafe extern "C" fn(*mut gw_worker, inst: *mut c_void, state: *mut *mut c_void, *mut gw_error) -> gw_status>,
    pub worker_stop: Option<unsafe extern "C" fn(*mut gw_worker, inst: *mut c_void, state: *mut c_void)>,
    pub on_rewrite: Option<unsafe extern "C" fn(*mut gw_req, *mut gw_self) -> gw_action>,
    pub on_request: Option<unsafe extern "C" fn(*mut gw_req, *mut gw_self) -> gw_action>,
    pub on_request_body: Option<unsafe extern "C" fn(*mut gw_req, *mut gw_self, *const gw_chunk) -> gw_action>,
    pub on_upstream: Option<unsafe extern "C" fn(*mut gw_req, *mut gw_self, attempt: u32) -> gw_action>,
    pub on_response: Option<unsafe extern "C" fn(*mut gw_req, *mut gw_self) -> gw_action>,
    pub on_response_body: Option<unsafe extern "C" fn(*mut gw_req, *mut gw_self, *const gw_chunk) -> gw_action>,
    pub on_resume: Option<unsafe extern "C" fn(*mut gw_req, *mut gw_self, value: i64) -> gw_action>,
    pub on_cancel: Option<unsafe extern "C" fn(*mut gw_req, *mut gw_self)>,
    pub on_log: Option<unsafe extern "C" fn(*mut gw_req, *mut gw_self)>,
    pub req_free: Option<unsafe extern "C" fn(*mut gw_self)>,
    pub get_ext: Option<unsafe extern "C" fn(id: *const c_char) -> *const c_void>,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_module {
    pub size: u32,
    pub minor_built: u16,
    pub minor_required: u16,
    pub n: u32,
    pub draft: u32,
    pub plugins: *const *const gw_plugin_desc,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_note {
    pub namesz: u32,
    pub descsz: u32,
    pub r#type: u32,
    pub owner: [c_char; 12 as usize],
    pub major: u32,
    pub minor_built: u32,
    pub minor_required: u32,
    pub count: u32,
    pub names: [c_char; GW_NOTE_NAMES as usize],
    pub draft: u32,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_page_api {
    pub size: u32,
    pub rsv: u32,
    pub status: Option<unsafe extern "C" fn(page: *mut gw_page, status: i32)>,
    pub content_type: Option<unsafe extern "C" fn(page: *mut gw_page, r#type: gw_str)>,
    pub write: Option<unsafe extern "C" fn(page: *mut gw_page, bytes: gw_str)>,
    pub header: Option<unsafe extern "C" fn(page: *mut gw_page, name: gw_str, value: gw_str) -> gw_status>,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_admin_request {
    pub size: u32,
    pub nheaders: u32,
    pub method: gw_str,
    pub path: gw_str,
    pub query: gw_str,
    pub headers: *const gw_field,
    pub body: gw_str,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_plugin_admin {
    pub size: u32,
    pub npaths: u32,
    pub paths: *const *const c_char,
    pub get: Option<unsafe extern "C" fn(plugin: *mut c_void, path: gw_str, query: gw_str, page: *mut gw_page, api: *const gw_page_api)>,
    pub serve: Option<unsafe extern "C" fn(plugin: *mut c_void, request: *const gw_admin_request, page: *mut gw_page, api: *const gw_page_api)>,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_target {
    pub host: gw_str,
    pub port: u32,
    pub weight: u32,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_choice {
    pub size: u32,
    pub attempt: u32,
    pub upstream: gw_str,
    pub targets: *const gw_target,
    pub ntargets: u32,
    pub ntried: u32,
    pub tried: *const u32,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_plugin_balancer {
    pub size: u32,
    pub rsv: u32,
    pub pick: Option<unsafe extern "C" fn(r: *mut gw_req, me: *mut gw_self, choice: *const gw_choice) -> u32>,
    pub result: Option<unsafe extern "C" fn(r: *mut gw_req, me: *mut gw_self, target: u32, state: gw_status, status: i32, ns: u64)>,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_config_api {
    pub size: u32,
    pub rsv: u32,
    pub json: Option<unsafe extern "C" fn(cfg: *mut gw_cfg) -> gw_str>,
    pub kind: Option<unsafe extern "C" fn(cfg: *mut gw_cfg, pointer: *const c_char) -> i32>,
    pub count: Option<unsafe extern "C" fn(cfg: *mut gw_cfg, pointer: *const c_char) -> u32>,
    pub member: Option<unsafe extern "C" fn(cfg: *mut gw_cfg, pointer: *const c_char, i: u32) -> gw_str>,
    pub str: Option<unsafe extern "C" fn(cfg: *mut gw_cfg, pointer: *const c_char) -> gw_str>,
    pub i64: Option<unsafe extern "C" fn(cfg: *mut gw_cfg, pointer: *const c_char, fallback: i64) -> i64>,
    pub f64: Option<unsafe extern "C" fn(cfg: *mut gw_cfg, pointer: *const c_char, fallback: f64) -> f64>,
    pub boolean: Option<unsafe extern "C" fn(cfg: *mut gw_cfg, pointer: *const c_char, fallback: i32) -> i32>,
    pub header_id: Option<unsafe extern "C" fn(cfg: *mut gw_cfg, name: gw_str) -> gw_hid>,
    pub slot_define: Option<unsafe extern "C" fn(cfg: *mut gw_cfg, name: gw_str, size: u32) -> gw_slot>,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_plugin_configure {
    pub size: u32,
    pub rsv: u32,
    pub configure: Option<unsafe extern "C" fn(plugin: *mut c_void, generation: u64, instances: *const *mut c_void, n: u32)>,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_consumer {
    pub size: u32,
    pub index: u32,
    pub id: gw_str,
    pub username: gw_str,
    pub custom_id: gw_str,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_credential {
    pub size: u32,
    pub rsv: u32,
    pub id: gw_str,
    pub consumer: *const gw_consumer,
    pub key: gw_str,
    pub json: gw_str,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_identity {
    pub size: u32,
    pub flags: u32,
    pub consumer: *const gw_consumer,
    pub credential_id: gw_str,
    pub groups: *const gw_str,
    pub ngroups: u32,
    pub rsv: u32,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_consumers_api {
    pub size: u32,
    pub rsv: u32,
    pub find: Option<unsafe extern "C" fn(cfg: *mut gw_cfg, id_or_name: gw_str) -> *const gw_consumer>,
    pub collection: Option<unsafe extern "C" fn(cfg: *mut gw_cfg, name: gw_str) -> *const gw_collection>,
    pub lookup: Option<unsafe extern "C" fn(collection: *const gw_collection, key: gw_str) -> *const gw_credential>,
    pub at: Option<unsafe extern "C" fn(collection: *const gw_collection, i: u32) -> *const gw_credential>,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_http_request {
    pub size: u32,
    pub timeout_ms: u32,
    pub url: gw_str,
    pub method: gw_str,
    pub headers: *const gw_field,
    pub nheaders: u32,
    pub flags: u32,
    pub body: gw_str,
    pub max_body: u64,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_http_result {
    pub size: u32,
    pub err: gw_status,
    pub http_status: i32,
    pub nheaders: u32,
    pub headers: *const gw_field,
    pub body: gw_str,
    pub ns_total: u64,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_http_api {
    pub size: u32,
    pub rsv: u32,
    pub call: Option<unsafe extern "C" fn(worker: *mut gw_worker, request: *const gw_http_request, cb: gw_http_cb, ud: *mut c_void, error: *mut gw_error) -> gw_handle>,
    pub cancel: Option<unsafe extern "C" fn(worker: *mut gw_worker, call: gw_handle) -> gw_status>,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_kv_entry {
    pub size: u32,
    pub flags: u32,
    pub expires_ms: u64,
    pub number: i64,
    pub key_size: u32,
    pub value_size: u32,
    pub bytes: [c_char; GW_KV_MAX as usize],
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_kv_api {
    pub size: u32,
    pub rsv: u32,
    pub store: Option<unsafe extern "C" fn(cfg: *mut gw_cfg, name: gw_str, max_bytes: u64, error: *mut gw_error) -> gw_store>,
    pub get: Option<unsafe extern "C" fn(store: gw_store, key: gw_str, buf: *mut c_void, cap: usize, len: *mut usize, cas: *mut u64) -> gw_status>,
    pub set: Option<unsafe extern "C" fn(store: gw_store, key: gw_str, value: gw_str, ttl_ms: u64, cas: u64) -> gw_status>,
    pub del: Option<unsafe extern "C" fn(store: gw_store, key: gw_str) -> gw_status>,
    pub add: Option<unsafe extern "C" fn(store: gw_store, key: gw_str, delta: i64, init: i64, ttl_ms: u64, now: *mut i64) -> gw_status>,
    pub add_limit: Option<unsafe extern "C" fn(store: gw_store, key: gw_str, delta: i64, limit: i64, ttl_ms: u64, now: *mut i64) -> gw_status>,
    pub next: Option<unsafe extern "C" fn(store: gw_store, cursor: *mut u64, entry: *mut gw_kv_entry) -> gw_status>,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_log_field {
    pub size: u32,
    pub flags: u32,
    pub next: *const gw_log_field,
    pub name: gw_str,
    pub value: gw_str,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_loop_api {
    pub size: u32,
    pub rsv: u32,
    pub timer_start: Option<unsafe extern "C" fn(worker: *mut gw_worker, first_ms: u64, repeat_ms: u64, cb: gw_timer_cb, ud: *mut c_void) -> gw_handle>,
    pub timer_cancel: Option<unsafe extern "C" fn(worker: *mut gw_worker, timer: gw_handle) -> gw_status>,
    pub worker_index: Option<unsafe extern "C" fn(worker: *mut gw_worker) -> u32>,
    pub worker_count: Option<unsafe extern "C" fn(worker: *mut gw_worker) -> u32>,
    pub background: Option<unsafe extern "C" fn(worker: *mut gw_worker, name: gw_str, every_ms: u64, cb: gw_timer_cb, ud: *mut c_void) -> gw_handle>,
    pub post: Option<unsafe extern "C" fn(worker: *mut gw_worker, cb: gw_post_cb, ud: *mut c_void) -> gw_status>,
    pub fd_watch: Option<unsafe extern "C" fn(worker: *mut gw_worker, fd: i32, mask: u32, cb: gw_fd_cb, ud: *mut c_void, error: *mut gw_error) -> gw_handle>,
    pub fd_update: Option<unsafe extern "C" fn(worker: *mut gw_worker, watch: gw_handle, mask: u32) -> gw_status>,
    pub fd_unwatch: Option<unsafe extern "C" fn(worker: *mut gw_worker, watch: gw_handle) -> gw_status>,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_memory_api {
    pub size: u32,
    pub rsv: u32,
    pub account: Option<unsafe extern "C" fn(cfg: *mut gw_cfg) -> gw_account>,
    pub alloc: Option<unsafe extern "C" fn(account: gw_account, n: usize, align: usize) -> *mut c_void>,
    pub realloc: Option<unsafe extern "C" fn(account: gw_account, p: *mut c_void, n: usize) -> *mut c_void>,
    pub free: Option<unsafe extern "C" fn(account: gw_account, p: *mut c_void)>,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_metric_value {
    pub size: u32,
    pub kind: i32,
    pub value: i64,
    pub count: u64,
    pub sum: f64,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_metrics_api {
    pub size: u32,
    pub rsv: u32,
    pub define: Option<unsafe extern "C" fn(cfg: *mut gw_cfg, kind: i32, name: gw_str, help: gw_str, labels: *const gw_str, nlabels: u32, buckets: *const f64, nbuckets: u32, error: *mut gw_error) -> gw_metric>,
    pub with: Option<unsafe extern "C" fn(metric: gw_metric, values: *const gw_str, nvalues: u32) -> gw_metric>,
    pub add: Option<unsafe extern "C" fn(series: gw_metric, n: i64)>,
    pub set: Option<unsafe extern "C" fn(series: gw_metric, value: i64)>,
    pub observe: Option<unsafe extern "C" fn(series: gw_metric, value: f64)>,
    pub r#dyn: Option<unsafe extern "C" fn(metric: gw_metric, values: *const gw_str, nvalues: u32, value: f64)>,
    pub read: Option<unsafe extern "C" fn(series: gw_metric, out: *mut gw_metric_value) -> gw_status>,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_pool_api {
    pub size: u32,
    pub rsv: u32,
    pub run: Option<unsafe extern "C" fn(worker: *mut gw_worker, job: gw_job, done: gw_job_done, ud: *mut c_void, error: *mut gw_error) -> gw_handle>,
    pub cancel: Option<unsafe extern "C" fn(worker: *mut gw_worker, job: gw_handle) -> gw_status>,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_tls_api {
    pub size: u32,
    pub rsv: u32,
    pub certificate_make: Option<unsafe extern "C" fn(worker: *mut gw_worker, chain_pem: gw_str, key_pem: gw_str, error: *mut gw_error) -> gw_certificate>,
    pub certificate_drop: Option<unsafe extern "C" fn(worker: *mut gw_worker, certificate: gw_certificate) -> gw_status>,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_tls_hello {
    pub size: u32,
    pub server_port: u32,
    pub server_name: gw_str,
    pub client_ip: gw_str,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_tls_choice {
    pub size: u32,
    pub rsv: u32,
    pub certificate: gw_certificate,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_plugin_tls {
    pub size: u32,
    pub rsv: u32,
    pub on_client_hello: Option<unsafe extern "C" fn(me: *mut gw_self, hello: *const gw_tls_hello, choice: *mut gw_tls_choice) -> gw_status>,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gw_trace {
    pub size: u32,
    pub flags: u32,
    pub trace_id: [u8; 16 as usize],
    pub span_id: [u8; 8 as usize],
    pub tracestate: gw_str,
}
