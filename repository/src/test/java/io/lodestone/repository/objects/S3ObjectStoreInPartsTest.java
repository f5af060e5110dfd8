package io.lodestone.repository.objects;

import io.lodestone.repository.objects.SharedS3Server.Running;
import java.util.UUID;
import org.junit.jupiter.api.extension.ExtendWith;

/** The contract where every object but an empty one is created by a multipart upload. */
@ExtendWith(SharedS3Server.class)
final class S3ObjectStoreInPartsTest extends ObjectStoreContract {
  private final Running running;

  S3ObjectStoreInPartsTest(Running running) {
    this.running = running;
  }

  @Override
  ObjectStore openStore() {
    return running.s3("test-" + UUID.randomUUID(), 0);
  }
}
