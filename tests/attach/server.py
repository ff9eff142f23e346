#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""server.py [CERT KEY]: an attach target on a port of loopback that behaves as it is told.

Prints its port in a line, then one line of JSON for each request it was sent: method, path, the
headers that matter, and how many bytes of body came. A line on standard input is a mode to behave
by from now on, with all else forgotten; a line with a dot answers. Ends when its standard input does.
"""
import hashlib
import hmac
import http.server
import json
import os
import ssl
import sys
import threading
import urllib.parse

MODE = "good"
STORE = {}     # path: bytes
ISSUE = []     # attachments of the one ticket: (name, bytes)
TOKENS = {}
COUNT = {}


def seen(key):
    """how often this was called with this key before"""
    COUNT[key] = COUNT.get(key, 0) + 1
    return COUNT[key] - 1


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def log_event(self, body):
        keep = ("Authorization", "X-Redmine-API-Key", "Content-Range", "X-Atlassian-Token", "Content-Type")
        print(json.dumps({"method": self.command, "path": self.path, "bytes": body,
                          "headers": {k: self.headers[k] for k in keep if self.headers[k]}}), flush=True)

    def answer(self, status, body=b"", **headers):
        if isinstance(body, dict):
            body = json.dumps(body).encode()
            headers["Content_Type"] = "application/json"
        self.send_response(status)
        for k, v in headers.items():
            self.send_header(k.replace("_", "-"), v)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def take(self, limit=None):
        n = int(self.headers.get("Content-Length", 0))
        got = b""
        while len(got) < (n if limit is None else min(n, limit)):
            piece = self.rfile.read1(min(65536, n - len(got)))
            if not piece:
                break
            got += piece
        self.log_event(len(got))
        return got

    def hang_up(self):
        self.close_connection = True
        self.connection.close()

    def handle_expect_100(self):
        if MODE == "413":  # says no before the body comes
            self.answer(413, b"<html>413 Request Entity Too Large</html>", Connection="close")
            self.log_event(0)
            return False
        return super().handle_expect_100()

    def form(self, body):
        """the parts of a multipart/form-data body: name -> (filename, bytes)"""
        mark = b"--" + self.headers["Content-Type"].split("boundary=")[1].strip('"').encode()
        parts = {}
        for part in body.split(mark)[1:-1]:
            head, data = part[2:-2].split(b"\r\n\r\n", 1)
            disp = [h for h in head.decode().split("\r\n") if h.lower().startswith("content-disposition")][0]
            field = dict(x.strip().split("=", 1) for x in disp.split(";")[1:])
            parts[field["name"].strip('"')] = (field.get("filename", '""').strip('"'), data)
        return parts

    # S3, whose signatures (SigV4) are checked here by the book: s3rver from npm does not

    def signed(self, body):
        """The signature that the request must have, against the one it has; the key is S3RVER, secret S3SECRET."""
        fields = dict(f.strip().split("=", 1) for f in self.headers["Authorization"].split(" ", 1)[1].split(","))
        key, date, region, service, end = fields["Credential"].split("/")
        if self.headers["x-amz-content-sha256"] != hashlib.sha256(body).hexdigest():
            return False
        split = urllib.parse.urlsplit(self.path)
        query = "&".join(sorted(split.query.split("&"))) if split.query else ""
        names = fields["SignedHeaders"].split(";")
        if "host" not in names or "x-amz-content-sha256" not in names:
            return False
        heads = "".join(f"{n}:{' '.join(self.headers[n].split())}\n" for n in names)
        request = "\n".join((self.command, split.path, query, heads, fields["SignedHeaders"], self.headers["x-amz-content-sha256"]))
        scope = "/".join((date, region, service, end))
        text = "\n".join(("AWS4-HMAC-SHA256", self.headers["x-amz-date"], scope, hashlib.sha256(request.encode()).hexdigest()))
        k = b"AWS4S3SECRET"
        for part in (date, region, service, end):
            k = hmac.new(k, part.encode(), hashlib.sha256).digest()
        return key == "S3RVER" and hmac.compare_digest(hmac.new(k, text.encode(), hashlib.sha256).hexdigest(), fields["Signature"])

    def s3(self):
        body = self.take() if self.command in ("PUT", "POST") else b""
        if self.command not in ("PUT", "POST"):
            self.log_event(0)
        if not self.signed(body):
            return self.answer(403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>")
        split = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(split.query, keep_blank_values=True))
        if self.command == "PUT" and "partNumber" in query:
            n = int(query["partNumber"])
            if "upload" not in COUNT:  # of an upload that was cleared away, or never was
                return self.answer(404, b"<Error><Code>NoSuchUpload</Code></Error>")
            if MODE == "s3-part" and n == 2 and seen("part") < 1:
                return self.hang_up()
            if MODE == "s3-dies" and n == 2 and seen("part") < 2:
                return self.hang_up()
            TOKENS[n] = body
            return self.answer(200, ETag=f'"part{n}"')
        if self.command == "PUT":
            STORE[split.path] = body
            return self.answer(200)
        if self.command == "POST" and "uploads" in query:
            seen("upload")
            return self.answer(200, b"<InitiateMultipartUploadResult><UploadId>id+/=</UploadId></InitiateMultipartUploadResult>")
        if self.command == "POST" and query.get("uploadId") == "id+/=":
            if MODE == "s3-incomplete":
                return self.answer(200, b"<Error><Code>InternalError</Code></Error>")
            STORE[split.path] = b"".join(TOKENS[n] for n in sorted(TOKENS))
            return self.answer(200, b"<CompleteMultipartUploadResult/>")
        if split.path in STORE:
            return self.answer(200, STORE[split.path])
        self.answer(404)

    do_DELETE = s3

    # plain PUT and WebDAV

    def do_PUT(self):
        if MODE.startswith("s3"):
            return self.s3()
        if self.path.startswith("/issues/"):
            return self.redmine_put()
        if MODE == "dies" and seen("PUT") < 2:
            self.take(100_000)
            return self.hang_up()
        if MODE == "dies-keeps" and seen("PUT") < 2:
            body = self.take(1_500_000)
            self.store(body)
            return self.hang_up()
        if MODE == "late-hangup" and seen("PUT") < 1:  # it arrived, but nobody heard
            self.store(self.take())
            return self.hang_up()
        if MODE == "503" and seen("PUT") < 2:
            self.take()
            return self.answer(503, b"busy", Retry_After="1")
        if MODE == "413":
            self.log_event(0)
            return self.answer(413, b"too large", Connection="close")
        if MODE == "507":
            self.take()
            return self.answer(507, b"full")
        if MODE == "redirect":
            self.take()
            return self.answer(307, b"", Location="http://127.0.0.1:9/elsewhere")
        if MODE == "echo":
            self.take()
            return self.answer(400, b"what is this: " + self.headers.get("Authorization", "").encode() + b"\x1b[2J")
        if MODE == "flood":
            self.take()
            self.send_response(200)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b"x" * 65536)
            except OSError:
                return self.hang_up()
        if MODE == "401":
            self.take()
            return self.answer(401, b"who are you?")
        if MODE == "stalls":
            self.take(1000)
            STOP.wait()
            return self.hang_up()
        body = self.take()
        if MODE == "truncates":
            body = body[:-1]
        if MODE == "changes":
            body = bytes([body[0] ^ 1]) + body[1:]
        self.store(body)
        self.answer(201)

    def store(self, body):
        r = self.headers.get("Content-Range")
        if r:
            start = int(r.split()[1].split("-")[0])
            body = STORE.get(self.path, b"")[:start] + body
        STORE[self.path] = body

    def do_HEAD(self):
        if MODE.startswith("s3"):
            return self.s3()
        self.log_event(0)
        if MODE == "put-only":
            return self.answer(405)
        if self.path not in STORE:
            return self.answer(404)
        self.send_response(200)
        self.send_header("Content-Length", str(len(STORE[self.path])))
        self.end_headers()

    def do_MKCOL(self):
        self.take()
        self.answer(405 if seen(self.path) else 201)

    # Jira, Redmine, Request Tracker: the one ticket is 7 or INC-7

    def do_GET(self):
        if MODE.startswith("s3"):
            return self.s3()
        self.log_event(0)
        path = urllib.parse.urlsplit(self.path).path
        files = enumerate(ISSUE)
        here = f"http://127.0.0.1:{self.server.server_address[1]}"
        if path in STORE:
            return self.answer(200, STORE[path])
        if path.startswith("/content/"):
            return self.answer(200, ISSUE[int(path.split("/")[-1])][1])
        if path == "/rest/api/2/attachment/meta":
            return self.answer(200, {"enabled": MODE != "no-attachments", "uploadLimit": 1000 if MODE == "small" else 100_000_000})
        if path == "/rest/api/2/issue/INC-7":
            return self.answer(200, {"fields": {"attachment": [{"filename": n, "size": len(b), "content": f"{here}/content/{i}"} for i, (n, b) in files]}})
        if path == "/issues/7.json":
            host = "https://cdn.example.org" if MODE == "content-elsewhere" else here
            return self.answer(200, {"issue": {"attachments": [{"filename": n, "filesize": len(b), "content_url": f"{host}/content/{i}"} for i, (n, b) in files]}})
        if path == "/REST/2.0/ticket/7":
            return self.answer(200, {"id": "7"})
        if path == "/REST/2.0/ticket/7/attachments":
            return self.answer(200, {"items": [{"Filename": n, "ContentLength": str(len(b))} for n, b in ISSUE]})
        self.answer(404, b'{"message":"no such thing"}')

    def do_POST(self):
        if MODE.startswith("s3"):
            return self.s3()
        body = self.take()
        path = urllib.parse.urlsplit(self.path).path
        if path == "/rest/api/2/issue/INC-7/attachments":
            if self.headers["X-Atlassian-Token"] != "no-check":
                return self.answer(403, b"XSRF check failed")
            ISSUE.append(self.form(body)["file"])
            if MODE == "late-hangup" and seen("POST") < 1:
                return self.hang_up()
            return self.answer(200, b"[]")
        if path == "/uploads.json":
            if MODE == "422":
                return self.answer(422, {"errors": ["This file cannot be uploaded because it exceeds the maximum allowed file size (5 MB)"]})
            token = hashlib.sha256(body).hexdigest()[:16]
            TOKENS[token] = body
            return self.answer(201, {"upload": {"token": token}})
        if path == "/REST/2.0/ticket/7/comment":
            parts = self.form(body)
            json.loads(parts["JSON"][1])
            if MODE == "drops":  # as Request Tracker does to what is larger than its $MaxAttachmentSize
                return self.answer(201, b'["Comments added"]')
            ISSUE.append(parts["Attachments"])
            return self.answer(201, b'["Comments added"]')
        self.answer(404)

    def redmine_put(self):
        for u in json.loads(self.take())["issue"]["uploads"]:
            ISSUE.append((u["filename"], TOKENS[u["token"]]))
        self.answer(204)


STOP = threading.Event()
SERVER = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
SERVER.daemon_threads = True
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    SERVER.socket = context.wrap_socket(SERVER.socket, server_side=True)
print(SERVER.server_address[1], flush=True)
threading.Thread(target=SERVER.serve_forever, daemon=True).start()
for line in sys.stdin:
    STOP.set()  # whoever still stalls
    STOP = threading.Event()
    for store in (STORE, TOKENS, COUNT):
        store.clear()
    ISSUE.clear()
    MODE = line.strip()
    print(".", flush=True)
os._exit(0)
