package io.lodestone.repository.objects;

import io.lodestone.repository.objects.SharedS3Server.Running;

final class MinioMultipartTest extends MultipartStoreContract {
  MinioMultipartTest(Running running) {
    super(running);
  }

  @Override
  ObjectStore openStore(Running server, String prefix, int multipartAboveBytes) {
    return server.minio(prefix, multipartAboveBytes);
  }
}
