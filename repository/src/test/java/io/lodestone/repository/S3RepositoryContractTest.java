package io.lodestone.repository;

import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.repository.objects.SharedS3Server;
import io.lodestone.repository.objects.SharedS3Server.Running;
import java.util.UUID;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedS3Server.class)
final class S3RepositoryContractTest extends RepositoryContract {
  private final Running running;
  private final String prefix = "repository-" + UUID.randomUUID();

  S3RepositoryContractTest(Running running) {
    this.running = running;
  }

  @Override
  ObjectStore openStore() {
    return running.s3(prefix);
  }
}
