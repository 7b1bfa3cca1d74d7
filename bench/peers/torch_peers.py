"""Times the alternatives of a person with PyTorch, on the GPU if there is one: the LSH attention of Hugging Face transformers, including its
projections of queries, keys and values, and PyTorch's fused full attention. One head, d 64, chunk 64, causal, float32, no TF32.
`python3 torch_peers.py ROUNDS N...` prints one JSON line for each measurement: { peer, on, name, n, rounds, ms }. `on` is cuda or cpu; a
failed measurement has `failed` with the reason in place of ms."""
import json
import statistics
import sys
import time

import torch
import transformers
from torch.nn.functional import scaled_dot_product_attention
from transformers.models.reformer.modeling_reformer import LSHSelfAttention

transformers.logging.set_verbosity_error()
torch.backends.cuda.matmul.allow_tf32 = False
torch.manual_seed(1)
on_gpu = torch.cuda.is_available()
device = "cuda" if on_gpu else "cpu"
D = CHUNK = 64
BATCH_SECONDS = 0.1


def finish():
    if on_gpu:
        torch.cuda.synchronize()


def batch(call, repeats):
    """Mean milliseconds of a call, over `repeats` calls that are synchronized once at the end."""
    finish()
    started = time.perf_counter()
    for _ in range(repeats):
        call()
    finish()
    return 1000 * (time.perf_counter() - started) / repeats


def measure(peer, name, n, rounds, call):
    line = {"peer": peer, "on": device, "name": name, "n": n, "rounds": rounds}
    try:
        batch(call, 2)
        repeats = min(64, max(1, round(1000 * BATCH_SECONDS / batch(call, 1))))
        line["ms"] = statistics.median(batch(call, repeats) for _ in range(5))
    except RuntimeError as error:  # running out of memory is a result too
        line["failed"] = str(error).splitlines()[0][:120]
    print(json.dumps(line), flush=True)


def measure_lsh(n, rounds):
    config = transformers.ReformerConfig(
        hidden_size=D,
        attention_head_size=D,
        num_attention_heads=1,
        num_hashes=rounds,
        lsh_attn_chunk_length=CHUNK,
        num_buckets=None,  # transformers chooses about twice as many as there are chunks
        lsh_attention_probs_dropout_prob=0.0,
        is_decoder=True,
        attn_layers=["lsh"],
        axial_pos_embds=False,
        max_position_embeddings=n,
    )
    layer = LSHSelfAttention(config).to(device).eval()
    x = torch.randn(1, n, D, device=device, requires_grad=True)

    def forward():
        with torch.no_grad():
            layer(x, num_hashes=rounds)

    measure("transformers", "lsh forward", n, rounds, forward)
    measure("transformers", "lsh forward+backward", n, rounds, lambda: layer(x, num_hashes=rounds).hidden_states.sum().backward())


def measure_full(n):
    q, k, v = (torch.randn(1, 1, n, D, device=device, requires_grad=True) for _ in range(3))

    def forward():
        with torch.no_grad():
            scaled_dot_product_attention(q, k, v, is_causal=True)

    measure("torch", "full forward", n, 1, forward)
    measure("torch", "full forward+backward", n, 1, lambda: scaled_dot_product_attention(q, k, v, is_causal=True).sum().backward())


rounds = int(sys.argv[1])
for n in map(int, sys.argv[2:]):
    measure_lsh(n, rounds)
    if n <= 2**17:
        measure_full(n)
