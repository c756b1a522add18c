import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.util.List;

/** Serves the MongoDB protocol from memory on 127.0.0.1 at the port given, until it is killed. */
public final class Main {
  /** The driver asks for wire version 9 at least, above the newest that the library names itself. */
  private enum Version implements MongoVersion {
    DRIVER_7;

    @Override
    public List<Integer> getVersionArray() {
      return List.of(7, 0, 0);
    }

    @Override
    public int getWireVersion() {
      return 21;
    }
  }

  public static void main(String[] arguments) {
    MemoryBackend backend = new MemoryBackend();
    backend.version(Version.DRIVER_7);
    new MongoServer(backend).bind("127.0.0.1", Integer.parseInt(arguments[0]));
    System.out.println("listening");
  }
}
