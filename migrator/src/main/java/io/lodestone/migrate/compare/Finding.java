package io.lodestone.migrate.compare;

import com.google.protobuf.ByteString;
import java.util.List;

/**
 * The outcome of a comparison. Immutable.
 *
 * @param proof what showed it
 * @param compactRevision the higher one of both sides, -1 for none
 * @param hashes what each member answered; empty where hashes could not be asked for
 * @param keys the first keys that differ, ascending, at most 20
 * @param besides what else differs, in words: leases, users, roles
 */
public record Finding(
    Proof proof,
    long revision,
    long compactRevision,
    List<MemberHash> hashes,
    List<ByteString> keys,
    List<String> besides) {

  public Finding {
    hashes = List.copyOf(hashes);
    keys = List.copyOf(keys);
    besides = List.copyOf(besides);
  }

  /** What a comparison rests on. */
  public enum Proof {
    HASH_KV,
    DIGEST
  }

  public boolean equal() {
    return keys.isEmpty() && besides.isEmpty();
  }

  Finding with(List<String> differences) {
    return new Finding(proof, revision, compactRevision, hashes, keys, differences);
  }
}
