import java.io.*;
import java.nio.file.*;
import java.util.*;
import org.apache.kafka.common.utils.Exit;

/**
 * Runs Apache Kafka's command-line tools one after the other in one virtual machine, because each start of one takes
 * seconds: java -cp "$KAFKA_HOME/libs/*" Tools.java FILE, where each line of the file is a class and its arguments, a
 * tab between them. Before a tool's output comes "== CLASS ARGUMENTS", after it "-- exit CODE".
 */
public class Tools {
    /** Ends a tool. Some catch it like any error and end a second time: their first word counts. */
    private static final class Exited extends RuntimeException {}

    private static Integer code;

    private static void exit(int exitCode, String message) {
        if (code == null) code = exitCode;
        throw new Exited();
    }

    public static void main(String[] arguments) throws Exception {
        Exit.setExitProcedure(Tools::exit);
        Exit.setHaltProcedure(Tools::exit);
        for (String line : Files.readAllLines(Path.of(arguments[0]))) {
            List<String> words = List.of(line.split("\t"));
            System.out.println("== " + String.join(" ", words));
            System.out.println("-- exit " + run(words));
        }
        System.exit(0);
    }

    private static int run(List<String> words) throws Exception {
        String[] arguments = words.subList(1, words.size()).toArray(new String[0]);
        code = null;
        try {
            Class.forName(words.get(0)).getMethod("main", String[].class).invoke(null, (Object) arguments);
        } catch (java.lang.reflect.InvocationTargetException error) {
            if (code == null) error.getCause().printStackTrace(System.out);
            if (code == null) code = -1;
        }
        return code == null ? 0 : code;
    }
}
