#!/usr/bin/env python3
"""Verifies a modwarden audit log, or a proof, with Python's standard library and the openssl program.
  python3 audit-verify.py LOG_FOLDER KEY.pub [--all]   the whole log; KEY.pub is its first public key
  python3 audit-verify.py PROOF.json KEY.pub           what `modwarden audit prove` made
Signatures: the last, and where an epoch hands over its key; --all: every one. Exit 0 ok, 1 damaged, 2 cannot tell."""
import base64, functools, gzip, hashlib, json, os, re, subprocess, sys, tempfile
def stop(code, what): sys.exit(print(("cannot tell: " if code == 2 else "damaged: ") + what) or code)
def need(holds, what): return holds or stop(1, what)
def leaf(line): return hashlib.sha256(b"\0" + line).digest()  # RFC 9162, 2.1.1
def node(left, right): return hashlib.sha256(b"\1" + left + right).digest()
def text(root): return base64.b64encode(root).decode()
def read(*path): return open(os.path.join(*path), "rb").read()

def signed(c, key, what, kind="checkpoint", names="log size root t epoch next"):
    message = "modwarden-%s-v1\n" % kind + "".join("%s\n" % ("-" if c[name] is None else c[name]) for name in names.split())
    pem = "-----BEGIN PUBLIC KEY-----\n" + key + "\n-----END PUBLIC KEY-----\n"
    with tempfile.TemporaryDirectory() as folder:
        command = "openssl pkeyutl -verify -rawin -pubin".split()
        for option, data in ("-inkey", pem.encode()), ("-in", message.encode()), ("-sigfile", base64.b64decode(c["sig"])):
            command += [option, os.path.join(folder, option[1:])]
            with open(command[-1], "wb") as file: file.write(data)
        need(subprocess.run(command, capture_output=True).returncode == 0, what + " is not signed by its epoch's key")

def lines_of(folder):
    found = {}
    for name in sorted(os.listdir(folder)):  # the plain file, where it is there, and not its compressed form
        if re.fullmatch(r"\d{12,16}\.jsonl(\.gz|\.zst)?", name): found.setdefault(int(name.split(".")[0]), name)
    number = min(found) if found else stop(1, "there is no record")
    yield number, b""  # where the log begins; its records follow
    for first, name in sorted(found.items()):
        need(number == first, "record %d is missing, or one before %d too many" % (number, first))
        if name.endswith(".zst"): stop(2, "unpack the segments first: zstd -d %s/*.zst" % folder)
        with (gzip.open if name.endswith(".gz") else open)(os.path.join(folder, name), "rb") as file:
            for line in file:
                if not line.endswith(b"\n"): return  # the newest may just be written; else the next record is missed
                yield number, line[:-1]
                number += 1

def verify_log(folder, key, every):
    records, keys, counts, last, gone, roots = lines_of(folder), [key], [0, 0], None, [0], {}
    start = size = next(records)[0]  # what stood before it is told by the peaks, and by the next root whether they are right
    peaks = re.findall(rb"(?s).{32}", read(folder, "%012d.peaks" % start)) if start else []
    checkpoints = [json.loads(line) for line in read(folder, "checkpoints.jsonl").split(b"\n")[:-1]]
    for number, c in enumerate(checkpoints):  # counts: checkpoints of the epoch before, and so far of this one
        what = "checkpoint %d" % number
        if last and last["next"]: keys, counts = keys + [last["next"]], [counts[1], 0]
        follows = not last or c["log"] == last["log"] and c["size"] >= last["size"] + (not c["next"])
        need(follows and c["epoch"] == len(keys) - 1, what + " does not go on from the one before")
        if every or c["next"] or number == len(checkpoints) - 1: signed(c, keys[-1], what)
        while size < c["size"]:
            seq, line = next(records, (size, b""))
            record = json.loads(line) if line else need(False, "record %d is missing" % size)
            need(record["seq"] == seq and (seq or record["log"] == c["log"]), "record %d is another one" % seq)
            if record["kind"] == "system" and "checkpoints" in record:
                need(record["checkpoints"] == counts[record["event"] != "start"], "checkpoints before %d are missing" % seq)
            top, size, rest = leaf(line), size + 1, size
            while rest & 1: top, rest = node(peaks.pop(), top), rest >> 1
            peaks.append(top)
        root = text(functools.reduce(lambda right, left: node(left, right), peaks[::-1])) if size == c["size"] else c["root"]
        need(root == c["root"], "the first %d records are not those that were signed" % size)
        last, roots[c["size"]], counts = c, c["root"], [counts[0], counts[1] + 1]
    need(last and last["size"] > start, "there is no checkpoint")
    for tomb in map(json.loads, read(folder, "tombstones.jsonl").split(b"\n")[:-1] if start else []):
        key, names = (keys + [last["next"]])[tomb["epoch"]], "log first size root file bytes sha256 t epoch reason"
        said = [last["log"], gone[-1], roots.get(tomb["size"]), signed(tomb, key, "a tombstone", "tombstone", names)]
        need([tomb["log"], tomb["first"], tomb["root"], None] == said, "a tombstone is wrong") and gone.append(tomb["size"])
    need(start in gone, "the records before %d are gone, and no tombstone says why" % start)
    print("ok: records %d to %d, and %d not signed yet; root %s" % (start, size - 1, sum(1 for _ in records), last["root"]))

def verify_proof(proof, key):
    keys, path = [key], [base64.b64decode(one) for one in proof["path"]]
    old, new = [proof["checkpoint"]] * 2 if proof["kind"] == "inclusion" else (proof["from"], proof["to"])
    for epoch, c in enumerate(proof["handovers"]):
        fits = c["epoch"] == epoch and c["log"] == new["log"] and c["size"] <= proof.get("seq", c["size"])
        keys += [signed(c, keys[epoch], "handover %d" % epoch) or need(fits and c["next"], "handover %d does not fit" % epoch)]
    for c in old, new: need(c["log"] == new["log"], "two logs"), signed(c, keys[c["epoch"]], "the checkpoint")
    if proof["kind"] == "inclusion":  # RFC 9162, 2.1.3.2
        at, end, roots, wanted = proof["seq"], new["size"] - 1, [leaf(proof["record"].encode())], [new["root"]]
        need(json.loads(proof["record"])["seq"] == at <= end, "the record has another number")
    else:  # RFC 9162, 2.1.4.2
        at, end, wanted = old["size"] - 1, new["size"] - 1, [old["root"], new["root"]]
        need(0 <= at <= end, "it leads backwards")
        if at == end: at = end = 0
        while at & 1: at, end = at >> 1, end >> 1
        roots = 2 * [path.pop(0) if at and at < end else base64.b64decode(old["root"])]
    for one in path:
        need(end > 0, "its path is too long")
        right = at & 1 or at == end
        while right and at and not at & 1: at, end = at >> 1, end >> 1
        roots = [node(one, root) for root in roots] if right else roots[:-1] + [node(roots[-1], one)]
        at, end = at >> 1, end >> 1
    need(end == at == 0 and list(map(text, roots)) == wanted, "its path does not lead to what was signed")
    print("ok: signed at %s\n%s" % (new["t"], proof.get("record", "from %d records with root %s" % (old["size"], old["root"]))))

try:
    if len(sys.argv) < 3: stop(2, __doc__)
    what, key = sys.argv[1], read(sys.argv[2]).split(b"\n")[1].decode()
    verify_log(what, key, "--all" in sys.argv) if os.path.isdir(what) else verify_proof(json.loads(read(what)), key)
except OSError as error: stop(2, str(error))
except (ValueError, KeyError, TypeError, IndexError, EOFError, RecursionError) as error: stop(1, "it cannot be read: %r" % error)
