// Backward pass of full attention for the keys: a thread collects the gradients of one key. A workgroup takes 64 tokens; y = head.
// `right` holds gradOut.
//#include params, vectors(qk, 1), vectors(right, 3), tokens, tile, backward, backward-key
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let head = group.y;
  let k = group.x * 64u + t;
  let index = p.start + k;
  let j = min(index, p.n - 1u);
  beginKey(head, j, k);
  for (var first = 0u; first < p.n; first += TILE) {
    tileInOrder(head, first, t);
    for (var slot = 0u; slot < TILE; slot += 4u) {
      let i = vec4<u32>(first + slot) + vec4<u32>(0u, 1u, 2u, 3u);
      let isSeen = (i < vec4<u32>(p.n)) & ((i >= vec4<u32>(j)) | vec4<bool>(!has(CAUSAL)));
      if (any(isSeen)) { collect(head, slot, j, isSeen, vec4f(1.0)); }
    }
  }
  if (index < p.n) { finishKey(head, k); }
}
