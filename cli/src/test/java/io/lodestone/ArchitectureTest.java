package io.lodestone;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

/**
 * The arrows of the house that Maven cannot see, because what a module uses is also on the class
 * path of those who use it.
 */
final class ArchitectureTest {
  private static final JavaClasses HOUSE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.lodestone");

  @Test
  void arrowsPointDown() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("api")
        .definedBy("io.lodestone.api..")
        .layer("settings")
        .definedBy("io.lodestone.settings..")
        .layer("revisions")
        .definedBy("io.lodestone.revisions..")
        .layer("etcdfile")
        .definedBy("io.lodestone.etcdfile..")
        .layer("client")
        .definedBy("io.lodestone.client..")
        .layer("repository")
        .definedBy("io.lodestone.repository..")
        .layer("peers")
        .definedBy("io.lodestone.peers..")
        .layer("restore")
        .definedBy("io.lodestone.restore..")
        .layer("auth")
        .definedBy("io.lodestone.auth..")
        .layer("mvcc")
        .definedBy("io.lodestone.mvcc..")
        .layer("raft")
        .definedBy("io.lodestone.raft..")
        .layer("server")
        .definedBy("io.lodestone.server..")
        .layer("backup")
        .definedBy("io.lodestone.backup..")
        .layer("replica")
        .definedBy("io.lodestone.replica..")
        .layer("migrate")
        .definedBy("io.lodestone.migrate..")
        .layer("inspect")
        .definedBy("io.lodestone.inspect..")
        .layer("cli")
        .definedBy("io.lodestone.cli..")
        .whereLayer("cli")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("peers")
        .mayOnlyBeAccessedByLayers("cli")
        .whereLayer("replica")
        .mayOnlyBeAccessedByLayers("cli")
        .whereLayer("inspect")
        .mayOnlyBeAccessedByLayers("cli")
        .whereLayer("migrate")
        .mayOnlyBeAccessedByLayers("inspect", "cli")
        .whereLayer("backup")
        .mayOnlyBeAccessedByLayers("cli")
        .whereLayer("restore")
        .mayOnlyBeAccessedByLayers("backup", "cli")
        .whereLayer("server")
        .mayOnlyBeAccessedByLayers("replica", "cli")
        .whereLayer("raft")
        .mayOnlyBeAccessedByLayers("server", "cli")
        .whereLayer("settings")
        .mayOnlyBeAccessedByLayers("server", "backup", "cli")
        .whereLayer("mvcc")
        .mayOnlyBeAccessedByLayers("server", "restore", "replica", "cli")
        .whereLayer("etcdfile")
        .mayOnlyBeAccessedByLayers("server", "restore", "backup", "replica", "migrate", "cli")
        .whereLayer("client")
        .mayOnlyBeAccessedByLayers("restore", "backup", "replica", "migrate", "inspect", "cli")
        .whereLayer("repository")
        .mayOnlyBeAccessedByLayers("restore", "backup", "inspect", "cli")
        .check(HOUSE);
  }

  @Test
  void packagesFormNoCycles() {
    slices().matching("io.lodestone.(**)").should().beFreeOfCycles().check(HOUSE);
  }

  @Test
  void cloudLibrariesStayInTheObjectStores() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.lodestone.repository.objects..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("software.amazon..", "io.minio..", "okhttp3..")
        .check(HOUSE);
  }

  @Test
  void consensusKnowsNothingOfTheStoreAndRatisStaysInItsPackage() {
    noClasses()
        .that()
        .resideInAPackage("io.lodestone.raft..")
        .should()
        .dependOnClassesThat(
            JavaClass.Predicates.resideInAPackage("io.lodestone..")
                .and(
                    DescribedPredicate.not(
                        JavaClass.Predicates.resideInAPackage("io.lodestone.raft.."))))
        .allowEmptyShould(true)
        .check(HOUSE);
    noClasses()
        .that()
        .resideOutsideOfPackage("io.lodestone.raft.ratis")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.apache.ratis..")
        .check(HOUSE);
  }

  @Test
  void networkChannelsStayInTheClientAndThePeers() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "io.lodestone.client..", "io.lodestone.peers..", "io.lodestone.server..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.grpc.netty..", "io.netty..")
        .check(HOUSE);
  }

  @Test
  void onlyTheProgramPrints() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.lodestone.cli..")
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(PrintStream.class)
        .check(HOUSE);
  }
}
