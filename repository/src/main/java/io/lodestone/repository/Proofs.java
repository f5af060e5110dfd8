package io.lodestone.repository;

import com.google.protobuf.ByteString;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.format.HeaderJson;
import io.lodestone.repository.objects.MissingObjectException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** The newest proof of one lineage, an object that is overwritten. */
final class Proofs {
  private static final int MAX_BYTES = 4 << 10;

  private final EntryLog log;

  Proofs(EntryLog log) {
    this.log = log;
  }

  Optional<Proof> last() throws IOException {
    String name = log.names().proof();
    try (InputStream in = log.store().read(name, 0, MAX_BYTES)) {
      return Optional.of(HeaderJson.read(Proof.class, name, ByteString.readFrom(in)));
    } catch (MissingObjectException e) {
      return Optional.empty();
    }
  }

  void set(Proof proof) throws IOException {
    log.store().overwrite(log.names().proof(), HeaderJson.write(proof));
  }
}
